// Files and folders that are chosen or dropped. Of a folder only what can be a job is sent, each file with its way through the folder.

const form = document.getElementById("import");
const drop = document.getElementById("drop");
const note = document.getElementById("chosen");
const inputs = [...form.querySelectorAll("[type=file]")];
let dropped = [];

for (const input of inputs) input.addEventListener("change", show);
drop.addEventListener("dragover", over(true));
drop.addEventListener("dragleave", over(false));
drop.addEventListener("drop", async (event) => {
  over(false)(event);
  // The entries must be asked for before anything is awaited: then the drop is over.
  const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry()).filter(Boolean);
  dropped = (await Promise.all(entries.map((entry) => files(entry, "")))).flat();
  show();
});

form.addEventListener("formdata", ({ formData }) => {
  for (const input of inputs) formData.delete(input.name);
  for (const { path, file } of chosen()) formData.append("file", file, path);
});

function over(on) {
  return (event) => {
    event.preventDefault();
    drop.classList.toggle("over", on);
  };
}

function chosen() {
  const picked = inputs.flatMap((input) => [...input.files]).map((file) => ({ path: file.webkitRelativePath || file.name, file }));
  return [...picked, ...dropped].filter(({ path }) => wanted(path));
}

function wanted(path) {
  return /\.(json|zip)$/i.test(path) && !path.split("/").some((part) => part.startsWith("."));
}

function show() {
  const any = dropped.length || inputs.some((input) => input.files.length);
  const count = chosen().length;
  note.textContent = count ? note.dataset.chosen.replace("{count}", count) : any ? note.dataset.none : "";
}

/** A file, or all files in a folder, each with its path. */
async function files(entry, before) {
  const path = `${before}${entry.name}`;
  if (entry.isFile) return [{ path, file: await new Promise((done, failed) => entry.file(done, failed)) }];
  const found = await Promise.all((await children(entry)).map((child) => files(child, `${path}/`)));
  return found.flat();
}

/** A folder tells of a hundred at a time, until it tells of none. */
async function children(folder) {
  const reader = folder.createReader();
  const all = [];
  for (;;) {
    const some = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (!some.length) return all;
    all.push(...some);
  }
}

show();
