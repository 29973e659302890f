"exact phrase"
-
"exact phrase"

"Running"
-
"running"

"phrase two"~3
-
"phrase two"~3

"word"~3
-
"word"

"to be or not to be"
-
"to be or not to be"

"a AND b (c)"
-
"a and b c"

"top-level design"
-
"(top level|toplevel) design"

"new top-level domains"
-
"new (top level|toplevel) domains"

"toplevel"
-
"toplevel"

"(supply|demand)-side reform"
-
"(supply|demand) side reform"

"(supply chain|demand) reform"
-
"(supply chain|demand) reform"

"((a|b) c|d) e"
-
"((a|b) c|d) e"

"the (a|b|c)"
-
"the (a|b|c)"

"rule 12(b)(6)"
-
"rule 12 b 6"

"(a|) b"
-
"a b"

"(a b|) c"
-
"a b c"

"(|) b"
-
"b"

"a (b"
-
"a b"

"govern* policy"
-
"govern* policy"

"freedom * information"
-
"freedom * information"

"* a *"
-
"a"

"a * * b"
-
"a * * b"

"go?ern it"
warn=1
"go ern it"

"ab*cd e"
warn=1
"ab cd e"

=word
-
="word"

=Word
-
="Word"

="Strict Phrase"
-
="Strict Phrase"

="Top-level design"
-
="Top-level design"

="Top level"
-
="Top level"

=U.S.
-
="U.S."

="1,000 Euro"
-
="1,000 Euro"

="经济发展"
-
"经济发展"

="a (b|c) d*"
-
="a b c d"

"the =US ~governing bodies"
-
"the =US ~governing bodies"

~"governing bodies"
-
~"governing bodies"

"governing bodies"
stem
~"governing bodies"

"running"
stem
running

=running
stem
="running"

“curly quotes”
-
"curly quotes"

“mixed quotes"
-
"mixed quotes"

„deutsche Wörter“
-
"deutsche wörter"

«mots français»
-
"mots français"

「引用」
-
引用

"open quote
warn=1
"open quote"

a"
warn=2
a

""
warn=1
NOT *

"..."
warn=1
NOT *

""a
warn=1
a

~"a b"~2^3
-
~"a b"~2^3

