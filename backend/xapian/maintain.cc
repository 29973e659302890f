// maintain.cc - checking and compacting databases.

#include <sstream>
#include <vector>

#include "backend/xapian/xapc.hh"

using namespace xapc;

static_assert(int(XAPC_CHECK_SHORT_TREE) == Xapian::DBCHECK_SHORT_TREE &&
	      int(XAPC_CHECK_FULL_TREE) == Xapian::DBCHECK_FULL_TREE &&
	      int(XAPC_CHECK_SHOW_FREELIST) == Xapian::DBCHECK_SHOW_FREELIST &&
	      int(XAPC_CHECK_SHOW_STATS) == Xapian::DBCHECK_SHOW_STATS &&
	      int(XAPC_CHECK_FIX) == Xapian::DBCHECK_FIX);
static_assert(int(XAPC_COMPACT_FULL) == Xapian::Compactor::FULL &&
	      int(XAPC_COMPACT_FULLER) == Xapian::Compactor::FULLER &&
	      int(XAPC_COMPACT_NO_RENUMBER) == Xapian::DBCOMPACT_NO_RENUMBER &&
	      int(XAPC_COMPACT_MULTIPASS) == Xapian::DBCOMPACT_MULTIPASS &&
	      int(XAPC_COMPACT_SINGLE_FILE) == Xapian::DBCOMPACT_SINGLE_FILE);

namespace {

class compactor : public Xapian::Compactor {
	const xapc_compact_callbacks *cb;
	bool stopped = false;

public:
	explicit compactor(const xapc_compact_callbacks *c) : cb(c) {}
	void set_status(const std::string &table, const std::string &status) override
	{
		if (cb && cb->status)
			cb->status(cb->ctx, table.data(), table.size(), status.data(), status.size());
	}
	std::string resolve_duplicate_metadata(const std::string &key, size_t n, const std::string tags[]) override
	{
		if (!cb || !cb->resolve_metadata || stopped)
			return Xapian::Compactor::resolve_duplicate_metadata(key, n, tags);
		std::vector<xapc_bytes> list;
		for (size_t i = 0; i < n; i++)
			list.push_back({ tags[i].data(), tags[i].size() });
		// 1.4 gives the key as the table has it, behind two bytes
		size_t skip = key.compare(0, 2, "\0\xc0", 2) == 0 ? 2 : 0;
		answer a;
		// an exception would pass cursors by that libxapian then never frees
		stopped = cb->resolve_metadata(cb->ctx, key.data() + skip, key.size() - skip, list.data(), n, &a.s) != 0;
		return stopped ? tags[0] : a.str();
	}
	void done() const
	{
		if (stopped)
			throw stop();
	}
};

// `what`: a path or a descriptor.
template <class W>
void
check(const W &what, int flags, size_t *faults, xapc_string *report)
{
	std::ostringstream os;
	ref(faults) = Xapian::Database::check(what, flags, report ? &os : nullptr);
	if (report)
		put(report, os.str());
}

} // namespace

xapc_status
xapc_database_check(const char *path, size_t n, int flags, size_t *faults, xapc_string *report, xapc_error *err)
{
	return guard(err, [&] { check(str(path, n), flags, faults, report); });
}

xapc_status
xapc_database_check_fd(int fd, int flags, size_t *faults, xapc_string *report, xapc_error *err)
{
	return guard(err, [&] { check(fd, flags, faults, report); });
}

xapc_status
xapc_database_compact(xapc_database *db, const char *path, size_t n, unsigned flags, int block_size,
		      const xapc_compact_callbacks *cb, xapc_error *err)
{
	return guard(err, [&] {
		compactor c(cb);
		ref(db).db.compact(str(path, n), flags, block_size, c);
		c.done();
	});
}

xapc_status
xapc_database_compact_fd(xapc_database *db, int fd, unsigned flags, int block_size, const xapc_compact_callbacks *cb,
			 xapc_error *err)
{
	return guard(err, [&] {
		compactor c(cb);
		ref(db).db.compact(fd, flags, block_size, c);
		c.done();
	});
}
