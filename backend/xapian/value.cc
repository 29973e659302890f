// value.cc - what values hold: numbers and places; and characters.

#include "backend/xapian/xapc.hh"

using namespace xapc;

namespace {

Xapian::LatLongCoords
coords(const xapc_latlong *places, size_t n)
{
	Xapian::LatLongCoords list;
	for (size_t i = 0; i < n; i++)
		list.append(Xapian::LatLongCoord(ref(places + i).latitude, places[i].longitude));
	return list;
}

Xapian::GreatCircleMetric
metric(double radius)
{
	return radius > 0 ? Xapian::GreatCircleMetric(radius) : Xapian::GreatCircleMetric();
}

} // namespace

xapc_status
xapc_latlong_serialise(const xapc_latlong *places, size_t n, xapc_string *out, xapc_error *err)
{
	return text(out, err, [&] { return coords(places, n).serialise(); });
}

xapc_status
xapc_latlong_distance(const xapc_latlong *places, size_t n, const char *s, size_t ns, double radius, double *out,
		      xapc_error *err)
{
	return value(out, err, [&] { return metric(radius)(coords(places, n), str(s, ns)); });
}

xapc_status
xapc_source_new_latlong(xapc_slot slot, const xapc_latlong *places, size_t n, double radius, double max_range,
			double k1, double k2, xapc_source **out, xapc_error *err)
{
	return make(out, err, [&] {
		return box(xapc_source{ make_counted<Xapian::LatLongDistancePostingSource>(
			slot, coords(places, n), metric(radius), max_range, k1, k2) });
	});
}

xapc_status
xapc_keymaker_new_latlong(xapc_slot slot, const xapc_latlong *places, size_t n, double radius, double absent,
			  xapc_keymaker **out, xapc_error *err)
{
	using Xapian::LatLongDistanceKeyMaker;
	return make(out, err, [&] {
		auto list = coords(places, n);
		auto m = metric(radius);
		return box(xapc_keymaker{ absent < 0 ? make_counted<LatLongDistanceKeyMaker>(slot, list, m)
						     : make_counted<LatLongDistanceKeyMaker>(slot, list, m, absent) });
	});
}

// ---- numbers ----

size_t
xapc_sortable_serialise(double number, char out[9])
{
	return Xapian::sortable_serialise_(number, out);
}

double
xapc_sortable_unserialise(const char *p, size_t n)
{
	double got = 0;
	guard(nullptr, [&] { got = Xapian::sortable_unserialise(str(p, n)); });
	return got;
}

// ---- characters ----

int
xapc_unicode_is_wordchar(uint32_t ch)
{
	return Xapian::Unicode::is_wordchar(ch);
}

int
xapc_unicode_category(uint32_t ch)
{
	return Xapian::Unicode::get_category(ch);
}

xapc_status
xapc_unicode_tolower(const char *p, size_t n, xapc_string *out, xapc_error *err)
{
	return text(out, err, [&] { return Xapian::Unicode::tolower(str(p, n)); });
}

xapc_status
xapc_unicode_toupper(const char *p, size_t n, xapc_string *out, xapc_error *err)
{
	return text(out, err, [&] { return Xapian::Unicode::toupper(str(p, n)); });
}
