a b
relax
a OR b

a AND b
relax
nothing

+a b
relax
nothing

a
relax
nothing

"a b"
relax
nothing

a "b c" -d
relax
(a OR "b c") AND NOT d

a b lang:zh date:2013..2014
relax
(a OR b) AND lang:zh AND date:2013..2014

a lang:zh
relax
nothing

a b OR c
relax
nothing

a (b OR c)
relax
a OR (b OR c)

a (b AND c) d
relax
(a OR d) AND (b AND c)

(a b)
relax
nothing

经济发展战
relax
经济 OR 济发 OR 发展 OR 展战

经济发展 date:2013..2014
relax
(经济 OR 济发 OR 发展) AND date:2013..2014

"经济发展"
relax
nothing

经济
relax
nothing

2020年政府 工作报告
relax
2020 OR 年政 OR 政府 OR 工作 OR 作报 OR 报告

经济发展^2 a
relax
经济^2 OR 济发^2 OR 发展^2 OR a

title:a b
relax
title:a OR b

a b
or relax
nothing

