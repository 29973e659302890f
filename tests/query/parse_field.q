title:word
-
title:word

title:"two words"
-
title:"two words"

title:(a b)
-
title:a AND title:b

title:(a OR b -c)
-
title:a OR (title:b AND NOT title:c)

title:(a OR lang:zh)
-
title:a OR lang:zh

title:=Word
-
title:(="Word")

title:="Whole Value"
-
title:(="Whole Value")

text:="Whole Value"
-
="Whole Value"

id:plan
-
id:="plan"

id:Plan-2015.txt
-
id:="Plan-2015.txt"

id:"a b"
-
id:="a b"

id:(a|b-1)
-
(id:="a" | id:="b-1")

id:2015-06
-
id:="2015-06"

id:[7..7]
-
id:="7"

id:[a..b}
-
id:["a".."b"}

id:*
-
id:*

id:laws/*
-
id:["laws/".."laws0"}

id:doc-1*
-
id:["doc-1".."doc-2"}

id:法*
-
id:["法".."泖"}

-id:a*
-
NOT id:["a".."b"}

path:laws/*
-
path:"laws/*"

path:laws/
-
path:"laws/"

path:laws/water*
-
path:"laws/water*"

path:*.md
-
path:"*.md"

path:a?.md^2 b
-
path:"a?.md"^2 AND b

path:"a b/*.md"
-
path:"a b/*.md"

path:(laws/*|plans/*) c
-
(path:"laws/*" | path:"plans/*") AND c

-path:/laws/**/old*
-
NOT path:"/laws/**/old*"

path:../laws/*
-
path:"../laws/*"

path:2015-06/*
-
path:"2015-06/*"

path:2015-06
-
path:"2015 06"

path:./a~
-
path:"./a~"

path:«a"b/»
-
path:"a?b/"

path:laws
-
path:laws

path:water-act.md
-
path:~"(water act|wateract) md"

path:"water act"
-
path:"water act"

path:~"laws/water"
-
path:~"laws water"

path:"laws/water"~2
-
path:"laws water"~2

path:="laws/*"
-
path:="laws/*"

path:*
-
path:*

type:="say ""yes"""
-
type:="say ""yes"""

title:(="Strict Words")
-
title:(="Strict Words")

title:~"any form"
-
title:~"any form"

lang:zh law
-
lang:zh AND law

lang:en-US
-
(lang:~"en us" | lang:enus)

type:(law|plan)
-
(type:law | type:plan)

type:(law | plan)
-
(type:law | type:plan)

type:(law OR plan)
-
type:law OR type:plan

-type:law
-
NOT type:law

NOT type:law a
-
a AND NOT type:law

title:govern*
-
title:govern*

title:word^2
-
title:word^2

title:"a b"~2^2
-
title:"a b"~2^2

title:*
-
title:*

title: word
-
title AND word

title :word
-
title AND word

note:
-
note

http://x.org
-
~"http x org"

mailto:a@x.org
-
~"mailto a x org"

std::string
-
~"std string"

12:30
-
"12 30"

a:b:c
-
a:~"b c"

path:/usr/share
-
path:"/usr/share"

path:/usr/
-
path:"/usr/"

path:(=law*)
-
path:`\k0law`*

path:(~"a * b")
-
path:~"a * b"

path:"a b*"~0
-
path:"a b*"~0

title:()
warn=1
NOT *

title:""
warn=1
NOT *

title:-
warn=1
NOT *

title:AND
-
title:and

title:-a
-
title:a

