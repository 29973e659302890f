supply chain
-
supply AND chain

Supply CHAIN
or
supply OR chain

Adoptée
-
adoptée

toplevel
-
toplevel

top-level
-
(~"top level" | toplevel)

AT&T don't
-
at&t AND don't

1,000 3.14 §5
-
1000 AND 3.14 AND "§ 5"

§ 5
-
"§ 5"

12(b)(6)
-
~"12 b 6"

rule 38.101-2
-
rule AND "38.101 2"

and or not near
-
and AND or AND not AND near

a - b
warn=1
a AND b

C++ & co
warn=1
c AND co

x@y.org
-
~"x y org"

https://example.org/a?b=c
-
~"https example org a b c"

state-of-the-art
-
(~"state of the art" | stateoftheart)

a,b
-
~"a b"

What is the law?
-
what AND is AND the AND law


-
NOT *

   
-
NOT *

...
warn=1
NOT *

