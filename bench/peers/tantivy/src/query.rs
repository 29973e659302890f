//! Answering the game's lines with tantivy's own query parser and collectors.

use std::io::{self, BufRead, Write};

use tantivy::collector::{Count, TopDocs};
use tantivy::query::{Query, QueryParser};
use tantivy::schema::{Field, Value};
use tantivy::{DocAddress, Index, ReloadPolicy, Score, Searcher, TantivyDocument};

use crate::Fail;

struct Engine {
    searcher: Searcher,
    parser: QueryParser,
    id: Field,
}

/// What a command asks for.
enum Want {
    Count,
    Top(usize),
    TopCount(usize),
    Hits(usize),
}

/// The number of hits a command may ask for: TopDocs allots twice as many at once.
const MOST_HITS: usize = 10_000_000;

fn number(digits: &str) -> Option<usize> {
    digits.parse().ok().filter(|k| (1..=MOST_HITS).contains(k))
}

fn want(command: &str) -> Option<Want> {
    if command == "COUNT" {
        return Some(Want::Count);
    }
    if let Some(k) = command.strip_prefix("HITS_") {
        return number(k).map(Want::Hits);
    }
    let rest = command.strip_prefix("TOP_")?;
    match rest.strip_suffix("_COUNT") {
        Some(k) => number(k).map(Want::TopCount),
        None => number(rest).map(Want::Top),
    }
}

/// True for what the game's syntax has: words of a-z, quotes, plus and minus.
fn expressible(query: &str) -> bool {
    query
        .bytes()
        .all(|c| c.is_ascii_lowercase() || b" +-\"".contains(&c))
}

/// An id with %XX for blanks, control characters, colons and per cent signs.
fn escaped(id: &str) -> String {
    let mut out = String::with_capacity(id.len());
    for c in id.chars() {
        if c <= ' ' || matches!(c, ':' | '%' | '\u{7f}') {
            out.push_str(&format!("%{:02X}", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    out
}

impl Engine {
    fn open(dir: &str) -> Result<Engine, Fail> {
        let index = Index::open_in_dir(dir)?;
        let schema = index.schema();
        let (id, text) = (schema.get_field("id")?, schema.get_field("text")?);
        let reader = index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .try_into()?;
        Ok(Engine {
            searcher: reader.searcher(),
            parser: QueryParser::new(schema, vec![text], index.tokenizers().clone()),
            id,
        })
    }

    fn top(&self, query: &dyn Query, k: usize) -> Result<Vec<(Score, DocAddress)>, Fail> {
        Ok(self
            .searcher
            .search(query, &TopDocs::with_limit(k).order_by_score())?)
    }

    fn hits(&self, query: &dyn Query, k: usize) -> Result<String, Fail> {
        let mut out = Vec::new();
        for (score, address) in self.top(query, k)? {
            let doc: TantivyDocument = self.searcher.doc(address)?;
            let id = doc.get_first(self.id).and_then(|v| v.as_str());
            out.push(format!("{}:{score}", escaped(id.ok_or("a hit has no id")?)));
        }
        Ok(out.join(" "))
    }

    fn answer(&self, line: &str) -> Result<String, Fail> {
        let (command, text) = line
            .split_once('\t')
            .filter(|(c, q)| !c.is_empty() && !q.trim().is_empty() && !q.contains('\t'))
            .ok_or("not of the form COMMAND<TAB>query")?;
        let Some(want) = want(command).filter(|_| expressible(text)) else {
            return Ok("UNSUPPORTED".into());
        };
        let query = self.parser.parse_query(text)?;
        Ok(match want {
            Want::Count => query.count(&self.searcher)?.to_string(),
            Want::Top(k) => {
                self.top(&*query, k)?;
                "1".into()
            }
            Want::TopCount(k) => {
                let both = (TopDocs::with_limit(k).order_by_score(), Count);
                self.searcher.search(&*query, &both)?.1.to_string()
            }
            Want::Hits(k) => self.hits(&*query, k)?,
        })
    }
}

pub fn run(dir: &str) -> Result<(), Fail> {
    let engine = Engine::open(dir).map_err(|why| format!("{dir}: {why}"))?;
    let mut input = io::stdin().lock();
    let mut output = io::stdout().lock();
    let mut line = String::new();
    let mut number = 0;
    loop {
        line.clear();
        number += 1;
        let read = input.read_line(&mut line);
        if read.map_err(|why| format!("line {number}: {why}"))? == 0 {
            return Ok(());
        }
        let text = line.trim_end_matches(['\r', '\n']);
        let answer = engine
            .answer(text)
            .map_err(|why| format!("line {number}: {why}"))?;
        writeln!(output, "{answer}")?;
        output.flush()?;
    }
}
