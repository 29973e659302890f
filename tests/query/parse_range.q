date:2013..2018
-
date:2013..2018

num:..5
-
num<=5

num:5..
-
num>=5

num:-5..5
-
num:-5..5

num:..
-
num:*

date>=2015-06
-
date>=2015-06

date<=2015-06-30
-
date<=2015-06-30

date>2015
-
date>2015

date<2015
-
date<2015

num=5
-
num=5

date:2015-06
-
date=2015-06

title:2015-06
-
title:"2015 06"

date:2015
-
date:2015

name:a..m
-
name:["a".."m"]

num:[1..5]
-
num:1..5

num:{1..5}
-
num:{1..5}

num:[1 TO 5}
-
num:[1..5}

num:[* TO 5]
-
num<=5

num:{1..*]
-
num>1

name:["a b".."c ""d"]
-
name:["a b".."c ""d"]

name>="b c"
-
name:["b c"..]

date:2013..2018 law
-
date:2013..2018 AND law

(date:2013..2018)^2
-
date:2013..2018^2

date:2013..2018^2
-
date:2013..2018^2

E=mc2
-
~"e mc2"

p<0.05
-
p<0.05

a<b
-
~"a b"

<a>
-
a

a >= b
warn=1
a AND b

wait:...
warn=1
NOT *

num:1...2
-
num:"1 2"

