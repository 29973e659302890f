//! tantivy behind the protocol of the search-benchmark-game.
//!
//! `index CORPUS DIR THREADS MEMORY_MB` builds one merged segment and prints a
//! JSON line about it; `query DIR` answers `COMMAND<TAB>query` lines.  Both are
//! started by the scripts beside this folder, which check their arguments.
//!
//! Settings: the field is split at spaces, with frequencies and positions and
//! with length norms; nothing but the id is stored.  tantivy's BM25 has k1 = 1.2
//! and b = 0.75 built in.  A searcher has no query cache.  Indexing sends the
//! parsed documents from this thread to THREADS workers that share MEMORY_MB;
//! no merge runs until all are written, then one merge makes the single segment.

mod index;
mod query;

use std::process::exit;

/// What ends a run: one line for standard error.
pub type Fail = Box<dyn std::error::Error>;

fn run(args: &[String]) -> Result<(), Fail> {
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["index", corpus, dir, threads, memory] => {
            index::run(corpus, dir, threads.parse()?, memory.parse()?)
        }
        ["query", dir] => query::run(dir),
        _ => Err("usage: index CORPUS DIR THREADS MEMORY_MB | query DIR".into()),
    }
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let Err(why) = run(&args) {
        eprintln!("tantivy: {why}");
        exit(1);
    }
}
