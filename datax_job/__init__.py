"""The DataX job document as data: pure functions, no I/O, shared by web, worker, engines and command line."""
