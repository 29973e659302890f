#include "bench/tool.h"

int
generate_main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return tool_error("not written yet");
}
