/* without.c - runs a program as on a kernel that has no Landlock, or takes no filter of system
 * calls:
 *
 *   without landlock|seccomp PROGRAM [ARGUMENT...]
 */
#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/base.h"

static bool
without_landlock(scmp_filter_ctx f)
{
	return seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(landlock_create_ruleset), 0) == 0;
}

/* Of prctl, the old way to it.  (libseccomp's own macros leave a member out, which clang minds.) */
static bool
without_seccomp(scmp_filter_ctx f)
{
	struct scmp_arg_cmp old = { .arg = 0, .op = SCMP_CMP_EQ, .datum_a = PR_SET_SECCOMP };

	return seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(seccomp), 0) == 0 &&
	       seccomp_rule_add(f, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(prctl), 1, old) == 0;
}

int
main(int argc, char **argv)
{
	scmp_filter_ctx f = seccomp_init(SCMP_ACT_ALLOW);
	bool ok = f && argc > 2;

	ok = ok && (!strcmp(argv[1], "landlock") ? without_landlock(f) : !strcmp(argv[1], "seccomp") && without_seccomp(f));
	ok = ok && seccomp_load(f) == 0;
	seccomp_release(f);
	if (ok)
		execvp(argv[2], argv + 2);
	perror("without");
	return 2;
}
