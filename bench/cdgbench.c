/* cdgbench.c - the measuring program: finds the command and hands over.
 *
 * compare and eval are written in Python (compare.py, eval.py); they are looked
 * for in $CDG_LIBEXEC, then where `make install` puts them, then beside the
 * program's own build folder, and run with the arguments that follow.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "bench/tool.h"

#ifndef CDG_LIBEXECDIR
#define CDG_LIBEXECDIR "/usr/local/libexec/cdgsearch"
#endif

typedef struct command {
	const char *name;
	int (*run)(int argc, char **argv); /* NULL: a Python script */
	const char *about;
} command;

static const command commands[] = {
	{ "generate", generate_main, "a synthetic corpus of any size, and queries for it" },
	{ "index", index_main, "index a corpus: time, rates, bytes by part, peak memory" },
	{ "query", query_main, "latency and throughput of a file of queries" },
	{ "answer", answer_main, "whole answers in process: search, passages, JSON" },
	{ "game", game_main, "answer in the protocol of the search-benchmark-game" },
	{ "scale", scale_main, "generate, index and query over a list of sizes and threads" },
	{ "micro", micro_main, "the inner loops, against memory bandwidth" },
	{ "smoke", smoke_main, "do all executors still give the known results?" },
	{ "compare", NULL, "engines side by side" },
	{ "eval", NULL, "effectiveness on a collection with judgements" },
};

static int
help(void)
{
	fputs("Usage: cdgbench COMMAND [options]\nMeasure the search engine.\n\n", stdout);
	for (size_t i = 0; i < countof(commands); i++)
		printf("  %-10s %s\n", commands[i].name, commands[i].about);
	fputs("\n'cdgbench COMMAND --help' says more.  --version prints the version.\n"
	      "Exit status: 0 done, 1 nothing to measure, or results differ, 2 an error.\n",
	      stdout);
	return tool_finish();
}

/* Folder of this program, without the last slash. */
static bool
own_folder(char *out, size_t cap)
{
	ssize_t n = readlink("/proc/self/exe", out, cap - 1);
	char *slash;

	if (n <= 0)
		return false;
	out[n] = 0;
	slash = strrchr(out, '/');
	if (!slash)
		return false;
	*slash = 0;
	return true;
}

/* The script of a command into path. */
static bool
find_script(const char *name, char *path, size_t cap)
{
	const char *env = getenv("CDG_LIBEXEC");
	static const char *const beside[] = { "../libexec/cdgsearch", "../bench", "../../bench" };
	char self[PATH_MAX];

	if (env && *env && snprintf(path, cap, "%s/%s.py", env, name) < (int)cap && file_exists(path))
		return true;
	for (size_t i = 0; own_folder(self, sizeof self) && i < countof(beside); i++)
		if (snprintf(path, cap, "%s/%s/%s.py", self, beside[i], name) < (int)cap && file_exists(path))
			return true;
	return snprintf(path, cap, "%s/%s.py", CDG_LIBEXECDIR, name) < (int)cap && file_exists(path);
}

static int
run_script(const char *name, int argc, char **argv)
{
	char path[PATH_MAX + 64], *self = realpath("/proc/self/exe", NULL);
	char **args = calloc((size_t)argc + 2, sizeof *args);

	if (!args) {
		free(self);
		return tool_nomem();
	}
	if (!find_script(name, path, sizeof path)) {
		tool_error("%s.py is not installed: looked in $CDG_LIBEXEC, ../libexec/cdgsearch and ../bench beside "
			   "this program, and " CDG_LIBEXECDIR, name);
	} else {
		args[0] = (char *)(uintptr_t)"python3";
		args[1] = path;
		for (int i = 1; i < argc; i++)
			args[i + 1] = argv[i];
		if (self)
			setenv("CDGBENCH", self, 1); /* so that the script finds this program */
		signal(SIGPIPE, SIG_DFL);
		execvp("python3", args);
		tool_error("cannot run python3 (%s), which %s is written in", strerror(errno), path);
	}
	free(args);
	free(self);
	return TOOL_ERROR;
}

/* --peers, which makes `scale` a comparison. */
static bool
has_peers(int argc, char **argv)
{
	for (int i = 2; i < argc; i++)
		if (!strcmp(argv[i], "--peers") || !strncmp(argv[i], "--peers=", 8))
			return true;
	return false;
}

int
main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";

	for (int fd = 0; fd < 3; fd++) /* no file of the index may become one of these */
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd ? O_WRONLY : O_RDONLY) < 0)
			return TOOL_ERROR;
	signal(SIGPIPE, SIG_IGN);
	if (!strcmp(name, "--help") || !strcmp(name, "help"))
		return help();
	if (!strcmp(name, "--version")) {
		puts("cdgbench " CDG_VERSION);
		return tool_finish();
	}
	for (size_t i = 0; i < countof(commands); i++)
		if (!strcmp(name, commands[i].name)) {
			tool_start(name);
			opterr = 0;
			if (!strcmp(name, "scale") && has_peers(argc, argv))
				return run_script("scale_peers", argc - 1, argv + 1);
			return commands[i].run ? commands[i].run(argc - 1, argv + 1)
					       : run_script(name, argc - 1, argv + 1);
		}
	return *name ? tool_usage("there is no command '%.100s'", name) : tool_usage("give a command");
}
