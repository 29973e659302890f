// error.cc - exceptions to statuses, and strings over the border.

#include <cstdlib>
#include <new>

#include "backend/xapian/xapc.hh"

namespace {

const struct {
	xapc_status status;
	const char *name;
} names[] = {
	{ XAPC_OK, "OK" },
	{ XAPC_END, "END" },
	{ XAPC_E_NOMEM, "NOMEM" },
	{ XAPC_E_CALLBACK, "CALLBACK" },
	{ XAPC_E_OTHER, "OTHER" },
	{ XAPC_E_LOGIC, "LogicError" },
	{ XAPC_E_RUNTIME, "RuntimeError" },
	{ XAPC_E_ASSERTION, "AssertionError" },
	{ XAPC_E_INVALID_ARGUMENT, "InvalidArgumentError" },
	{ XAPC_E_INVALID_OPERATION, "InvalidOperationError" },
	{ XAPC_E_UNIMPLEMENTED, "UnimplementedError" },
	{ XAPC_E_DATABASE, "DatabaseError" },
	{ XAPC_E_DATABASE_CORRUPT, "DatabaseCorruptError" },
	{ XAPC_E_DATABASE_CREATE, "DatabaseCreateError" },
	{ XAPC_E_DATABASE_LOCK, "DatabaseLockError" },
	{ XAPC_E_DATABASE_MODIFIED, "DatabaseModifiedError" },
	{ XAPC_E_DATABASE_OPENING, "DatabaseOpeningError" },
	{ XAPC_E_DATABASE_VERSION, "DatabaseVersionError" },
	{ XAPC_E_DATABASE_NOT_FOUND, "DatabaseNotFoundError" },
	{ XAPC_E_DATABASE_CLOSED, "DatabaseClosedError" },
	{ XAPC_E_DOC_NOT_FOUND, "DocNotFoundError" },
	{ XAPC_E_FEATURE_UNAVAILABLE, "FeatureUnavailableError" },
	{ XAPC_E_INTERNAL, "InternalError" },
	{ XAPC_E_NETWORK, "NetworkError" },
	{ XAPC_E_NETWORK_TIMEOUT, "NetworkTimeoutError" },
	{ XAPC_E_QUERY_PARSER, "QueryParserError" },
	{ XAPC_E_SERIALISATION, "SerialisationError" },
	{ XAPC_E_RANGE, "RangeError" },
	{ XAPC_E_WILDCARD, "WildcardError" },
};

// Copies what fits, whole UTF-8 characters only; a NUL would end the text early.
void
copy(char *to, size_t room, const char *p, size_t n)
{
	if (n >= room) {
		n = room - 1;
		while (n > 0 && (p[n] & 0xc0) == 0x80)
			n--;
	}
	for (size_t i = 0; i < n; i++)
		to[i] = p[i] ? p[i] : '?';
	to[n] = 0;
}

xapc_status
fill(xapc_error *err, xapc_status status, const char *type, const char *message, size_t n)
{
	if (err) {
		err->status = status;
		copy(err->type, sizeof err->type, type, std::strlen(type));
		copy(err->message, sizeof err->message, message, n);
		err->context[0] = err->cause[0] = 0;
	}
	return status;
}

xapc_status
from_xapian(xapc_error *err, const Xapian::Error &e, xapc_status status)
{
	for (auto &n : names)
		if (!std::strcmp(n.name, e.get_type()))
			status = n.status;
	const std::string &message = e.get_msg();
	fill(err, status, e.get_type(), message.data(), message.size());
	if (err) {
		const std::string &context = e.get_context();
		copy(err->context, sizeof err->context, context.data(), context.size());
		if (const char *cause = e.get_error_string())
			copy(err->cause, sizeof err->cause, cause, std::strlen(cause));
	}
	return status;
}

xapc_status
fill(xapc_error *err, xapc_status status, const char *type, const char *message)
{
	return fill(err, status, type, message, std::strlen(message));
}

} // namespace

xapc_status
xapc::caught(xapc_error *err) noexcept
{
	try {
		try {
			throw;
		} catch (const Xapian::LogicError &e) {
			return from_xapian(err, e, XAPC_E_LOGIC);
		} catch (const Xapian::RuntimeError &e) {
			return from_xapian(err, e, XAPC_E_RUNTIME);
		}
	} catch (const stop &) {
		return fill(err, XAPC_E_CALLBACK, "CALLBACK", "a callback asked to stop");
	} catch (const std::bad_alloc &) {
		return fill(err, XAPC_E_NOMEM, "std::bad_alloc", "out of memory");
	} catch (const std::exception &e) {
		return fill(err, XAPC_E_OTHER, "std::exception", e.what());
	} catch (...) {
		return fill(err, XAPC_E_OTHER, "unknown", "an exception of unknown type");
	}
}

void
xapc::null_argument()
{
	throw Xapian::InvalidArgumentError("a NULL pointer was given where it is not allowed");
}

std::string
xapc::str(const char *p, size_t n)
{
	if (!p) {
		if (n && n != XAPC_NUL)
			null_argument();
		return std::string();
	}
	return n == XAPC_NUL ? std::string(p) : std::string(p, n);
}

void
xapc::put(xapc_string *out, const std::string &s)
{
	if (s.size() >= out->cap) {
		size_t cap = s.size() + s.size() / 2 + 16;
		void *p = std::realloc(out->data, cap);
		if (!p)
			throw std::bad_alloc();
		out->data = static_cast<char *>(p);
		out->cap = cap;
	}
	std::memcpy(out->data, s.data(), s.size());
	out->data[s.size()] = 0;
	out->len = s.size();
}

void
xapc_string_free(xapc_string *s)
{
	if (!s)
		return;
	std::free(s->data);
	*s = XAPC_STRING_INIT;
}

xapc_status
xapc_string_set(xapc_string *s, const char *p, size_t n, xapc_error *err)
{
	return xapc::text(s, err, [&] { return xapc::str(p, n); });
}

const char *
xapc_status_name(xapc_status status)
{
	for (auto &n : names)
		if (n.status == status)
			return n.name;
	return "?";
}

const char *
xapc_version(void)
{
	return Xapian::version_string();
}

const char *
xapc_version_compiled(void)
{
	return XAPIAN_VERSION;
}
