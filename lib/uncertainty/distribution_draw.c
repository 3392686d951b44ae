/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "distribution_draw.h"

#include <math.h>
#include <pthread.h>

#define CHUNK 256                       /* draws for which there is room on the stack */

/* In [-1, 1): the upper 53 bits; the lower 8 are left for another use. */
static double from_minus_one(uint64_t bits)
{
	return (double)((int64_t)bits >> 11) * 0x1p-52;
}

/* Never 0, so that it has a logarithm. */
static double above_zero(struct random *r)
{
	return 1 - random_uniform(r);
}

/* The ziggurat: exp(-x^2 / 2) under LAYERS layers of equal area, the lowest of which has the tail beyond EDGE in it.
 * Layer i spans 0 to width[i]; what is below inner[i] of that width is under the curve for sure. */
#define LAYERS 256
#define EDGE   3.6541528853610088       /* for 256 layers: Doornik, "An improved ziggurat method" (2005), table 1 */

static double width[LAYERS + 1], inner[LAYERS];

static double bell(double x)
{
	return exp(-0.5 * x * x);
}

static void build_ziggurat(void)
{
	double area = EDGE * bell(EDGE) + sqrt(M_PI / 2) * erfc(EDGE / M_SQRT2);

	width[0] = area / bell(EDGE);
	width[1] = EDGE;
	for (int i = 2; i < LAYERS; i++)
		width[i] = sqrt(-2 * log(area / width[i - 1] + bell(width[i - 1])));
	width[LAYERS] = 0;
	for (int i = 0; i < LAYERS; i++)
		inner[i] = width[i + 1] / width[i];
}

/* Marsaglia, Technometrics 6 (1964) 101. */
static double beyond_edge(struct random *r)
{
	double x, y;

	do {
		x = -log(above_zero(r)) / EDGE;
		y = -log(above_zero(r));
	} while (2 * y < x * x);
	return EDGE + x;
}

/* Whether a point of a layer's outer part, at x and anywhere in its height, is under the curve. */
static bool under_curve(struct random *r, unsigned layer, double x)
{
	double bottom = exp(0.5 * (x * x - width[layer] * width[layer]));
	double top = exp(0.5 * (x * x - width[layer + 1] * width[layer + 1]));

	return top + random_uniform(r) * (bottom - top) < 1;
}

/* One in eighty: u of the layer's width is not under the curve for sure. */
static double outer(struct random *r, unsigned layer, double u)
{
	while (fabs(u) >= inner[layer]) {
		uint64_t bits;

		if (layer == 0)
			return copysign(beyond_edge(r), u);
		if (under_curve(r, layer, u * width[layer]))
			break;
		bits = random_next(r);
		layer = bits % LAYERS;
		u = from_minus_one(bits);
	}
	return u * width[layer];
}

static double normal_of(struct random *r, uint64_t bits)
{
	unsigned layer = bits % LAYERS;
	double u = from_minus_one(bits);

	return __builtin_expect(fabs(u) < inner[layer], 1) ? u * width[layer] : outer(r, layer, u);
}

static void normals(struct random *r, double *z, size_t n)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	uint64_t bits[CHUNK];

	pthread_once(&once, build_ziggurat);
	random_fill(r, bits, n);
	for (size_t i = 0; i < n; i++)
		z[i] = normal_of(r, bits[i]);
}

/* Gamma of shape a >= 1 and scale 1 is d v, v the cube of a normal draw that is shifted, scaled and now and then
 * rejected. */
struct gamma { double d, c; };

static struct gamma gamma_of_shape(double a)
{
	double d = a - 1.0 / 3;

	return (struct gamma){ d, 1 / sqrt(9 * d) };
}

static bool accepted(const struct gamma *g, double z, double v, double u)
{
	if (u < 1 - 0.0331 * (z * z) * (z * z))
		return true;
	return log(u) < 0.5 * z * z + g->d * (1 - v + log(v));
}

/* v of one normal draw and one rectangular, or of new ones where these are rejected. */
static double gamma_cube(const struct gamma *g, struct random *r, double z, double u)
{
	for (;;) {
		double root = 1 + g->c * z, v = root * root * root;

		if (__builtin_expect(root > 0 && accepted(g, z, v, u), 1))
			return v;
		z = normal_of(r, random_next(r));
		u = above_zero(r);
	}
}

/* Below 2 degrees of freedom the shape is below 1: gamma of shape a is that of a + 1 times u^(1/a). */
static double reduction(struct random *r, double a)
{
	return a < 1 ? pow(above_zero(r), 1 / a) : 1;
}

static void spread(double dof, struct random *r, double *x, size_t n)
{
	const double a = dof / 2;
	const struct gamma g = gamma_of_shape(a < 1 ? a + 1 : a);
	uint64_t bits[CHUNK];

	normals(r, x, n);
	random_fill(r, bits, n);
	for (size_t i = 0; i < n; i++) {
		double v = gamma_cube(&g, r, x[i], 1 - (double)(bits[i] >> 11) * 0x1p-53);

		x[i] = sqrt(a / (g.d * v * reduction(r, a)));
	}
}

void distribution_draw_spread(double dof, struct random *r, double *x, size_t n)
{
	for (size_t m; n > 0; x += m, n -= m) {
		m = n < CHUNK ? n : CHUNK;
		if (isinf(dof))
			for (size_t i = 0; i < m; i++)
				x[i] = 1;
		else
			spread(dof, r, x, m);
	}
}

/* The kinds: n is at most CHUNK. */

static void draw_normal(const struct distribution *d, struct random *r, double *x, size_t n)
{
	normals(r, x, n);
	for (size_t i = 0; i < n; i++)
		x[i] = d->location + d->scale * x[i];
}

static void draw_t(const struct distribution *d, struct random *r, double *x, size_t n)
{
	double factor[CHUNK];

	normals(r, x, n);
	distribution_draw_spread(d->shape, r, factor, n);
	for (size_t i = 0; i < n; i++)
		x[i] = d->location + d->scale * (x[i] * factor[i]);
}

static void draw_rectangular(const struct distribution *d, struct random *r, double *x, size_t n)
{
	uint64_t bits[CHUNK];

	random_fill(r, bits, n);
	for (size_t i = 0; i < n; i++)
		x[i] = d->location + d->scale * from_minus_one(bits[i]);
}

/* One rectangular draw says how wide the other's interval is: 6.4.3.4. */
static void draw_curvilinear(const struct distribution *d, struct random *r, double *x, size_t n)
{
	uint64_t bits[2 * CHUNK];

	random_fill(r, bits, 2 * n);
	for (size_t i = 0; i < n; i++)
		x[i] = d->location + (d->scale + d->shape * from_minus_one(bits[i])) * from_minus_one(bits[n + i]);
}

/* A sum of two rectangular draws: 6.4.4.4, 6.4.5.4. */
static void draw_sum(const struct distribution *d, double top, struct random *r, double *x, size_t n)
{
	const double wide = d->scale * (1 + top) / 2, narrow = d->scale * (1 - top) / 2;
	uint64_t bits[2 * CHUNK];

	random_fill(r, bits, 2 * n);
	for (size_t i = 0; i < n; i++)
		x[i] = d->location + (wide * from_minus_one(bits[i]) + narrow * from_minus_one(bits[n + i]));
}

static void draw_trapezoidal(const struct distribution *d, struct random *r, double *x, size_t n)
{
	draw_sum(d, d->shape, r, x, n);
}

static void draw_triangular(const struct distribution *d, struct random *r, double *x, size_t n)
{
	draw_sum(d, 0, r, x, n);
}

static void draw_arcsine(const struct distribution *d, struct random *r, double *x, size_t n)
{
	uint64_t bits[CHUNK];

	random_fill(r, bits, n);
	for (size_t i = 0; i < n; i++)
		x[i] = d->location + d->scale * sin(M_PI * from_minus_one(bits[i]));
}

void distribution_draw(const struct distribution *d, struct random *r, double *x, size_t n)
{
	static void (*const of_kind[])(const struct distribution *, struct random *, double *, size_t) = {
		[DISTRIBUTION_NORMAL] = draw_normal,
		[DISTRIBUTION_T] = draw_t,
		[DISTRIBUTION_RECTANGULAR] = draw_rectangular,
		[DISTRIBUTION_CURVILINEAR] = draw_curvilinear,
		[DISTRIBUTION_TRAPEZOIDAL] = draw_trapezoidal,
		[DISTRIBUTION_TRIANGULAR] = draw_triangular,
		[DISTRIBUTION_ARCSINE] = draw_arcsine,
	};

	for (size_t m; n > 0; x += m, n -= m) {
		m = n < CHUNK ? n : CHUNK;
		of_kind[d->kind](d, r, x, m);
	}
}
