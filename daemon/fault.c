/* fault.c - the handler of SIGBUS.  It runs in the thread that read; what it calls are system
 * calls and an atomic number. */
#include "daemon/fault.h"

#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static atomic_uint_fast64_t faults;
static uintptr_t page_size;

static void
on_bus(int number, siginfo_t *info, void *context)
{
	uintptr_t page = (uintptr_t)info->si_addr & ~(page_size - 1);

	(void)context;
	atomic_fetch_add(&faults, 1);
	if (info->si_code == BUS_ADRERR &&
	    mmap((void *)page, page_size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED)
		return;
	signal(number, SIG_DFL); /* comes again, and ends the program */
}

void
fault_catch(void)
{
	struct sigaction act;

	page_size = (uintptr_t)sysconf(_SC_PAGESIZE);
	memset(&act, 0, sizeof act);
	sigemptyset(&act.sa_mask);
	act.sa_sigaction = on_bus;
	act.sa_flags = SA_SIGINFO;
	sigaction(SIGBUS, &act, NULL);
}

uint64_t
fault_count(void)
{
	return atomic_load(&faults);
}
