#include "bench/tool.h"

int
scale_main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return tool_error("not written yet");
}
