#include "bench/tool.h"

int
micro_main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return tool_error("not written yet");
}
