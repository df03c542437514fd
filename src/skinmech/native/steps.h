/* One step of Rodas5P, its derivatives along lanes of directions, and sparse elimination.

   What solver.c (the coupled model, through segments) and path.c (any system of ordinary
   differential equations, one period) have in common; see numerics/rodas5p.py and drive.py. sizes.h,
   written with the functions, holds: N (states), P (parameters), LANES, tables of the elimination, the
   method's coefficients, and the functions' prototypes. Where `bend` is among the functions, how the
   Jacobian changes along a direction is exact; else it is a central difference. */

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "sizes.h"

enum { OK, INVALID_INPUT, MAX_STEPS, DT_MIN, NONFINITE, NOT_RUN }; /* numerics/status.py */
static const double SAFETY = 0.9, SHRINK = 0.2, GROW = 6.0;
static const double PROPORTIONAL = 0.4 / 5, INTEGRAL = 0.7 / 5;

#if TANGENTS && !defined(bend_KEPT)
/* A point beside w->y, and what of the tendency's derivative there is known before its direction. */
typedef struct {
  double par[P], y[N], kept[push_KEPT];
} Side;
#endif

typedef struct {
  double jac[ENTRIES], lu[FILLED], inverse[N];
  double rhs_kept[rhs_KEPT], jac_kept[jac_KEPT];
  double k[8][N], right[N], work[N], y[N], y1[N], dense[3][N], moved[N];
#if TANGENTS
  double tan_kept[tangent_KEPT], ty[LANES * N], kt[8][LANES * N], at[LANES * N], given[LANES * N], lanes[N * LANES],
      dense_t[3][LANES * N];
#ifdef bend_KEPT
  double bend_kept[bend_KEPT], bent[LANES * N];
#else
  double ahead[N], behind[N], width[LANES];
  Side side[LANES][2];
#endif
#endif
#ifdef observe_KEPT
  double obs_kept[observe_KEPT], event_kept[event_KEPT];
#if TANGENTS
  double obs_tan_kept[observe_tangent_KEPT], event_tan_kept[event_tangent_KEPT], out_t[LANES * OBS];
#endif
#endif
} Space;

static int all_finite(const double *a, int count) {
  for (int i = 0; i < count; i++) if (!isfinite(a[i])) return 0;
  return 1;
}

static double root_mean_square(const double *a) {
  double s = 0.0;
  for (int i = 0; i < N; i++) s += a[i] * a[i];
  return sqrt(s / N);
}

/* Parameters and surroundings have changed: what depends on them alone, anew. */
static void prepare(Space *w, const double *par, const double *env) {
  rhs_0(par, env, w->rhs_kept);
  jac_0(par, env, w->jac_kept);
}

/* Entries of the Jacobian at y. */
static void jacobian(Space *w, const double *par, const double *env, const double *y) {
  jac_1(par, env, y, w->jac_kept, w->jac);
}

/* Factorise shift I - J; with is_pinned, states without an equation get the equation y' = -y. */
static void factorise(Space *w, double shift, int is_pinned) {
  double *lu = w->lu;
  memset(lu, 0, sizeof w->lu);
  for (int e = 0; e < ENTRIES; e++) lu[entry_to[e]] = -w->jac[e];
  for (int i = 0; i < N; i++)
    lu[diagonal[i]] += shift + (is_pinned && is_idle[order[i]] ? 1.0 : 0.0);
  const int *run = update_runs; /* of neighbours, so that they go several at a time */
  for (int i = 0; i < N; i++) {
    for (int p = row_start[i]; p < diagonal[i]; p++) {
      int k = column[p];
      double factor = lu[p] * w->inverse[k];
      lu[p] = factor;
      const double *row = lu + diagonal[k] + 1;
      for (int left = *run++; left > 0; left--) {
        double *restrict to = lu + run[0];
        const double *restrict from = row;
        int count = run[1];
        for (int q = 0; q < count; q++) to[q] -= factor * from[q];
        row += count;
        run += 2;
      }
    }
    w->inverse[i] = 1.0 / lu[diagonal[i]];
  }
}

/* Entries from p on times what they stand before, in four sums that need not wait for each other. */
static double row_times(const double *lu, int p, int stop, const double *z) {
  double s[4] = {0.0, 0.0, 0.0, 0.0};
  for (; p + 3 < stop; p += 4)
    for (int q = 0; q < 4; q++) s[q] += lu[p + q] * z[column[p + q]];
  for (; p < stop; p++) s[0] += lu[p] * z[column[p]];
  return (s[0] + s[1]) + (s[2] + s[3]);
}

static void solve(Space *w, const double *b, double *x) {
  double *z = w->work;
  const double *lu = w->lu;
  for (int i = 0; i < N; i++) {
    z[i] = b[order[i]] - row_times(lu, row_start[i], diagonal[i], z);
  }
  for (int i = N - 1; i >= 0; i--) {
    z[i] = (z[i] - row_times(lu, diagonal[i] + 1, row_start[i + 1], z)) * w->inverse[i];
    x[order[i]] = z[i];
  }
}

/* Largest |(shift I - J) x - b|, relative to the largest |b|. */
static double miss(Space *w, double shift, const double *x, const double *b) {
  double *r = w->work, most = 0.0, scale = 2.2250738585072014e-308;
  for (int i = 0; i < N; i++) r[i] = shift * x[i] - b[i];
  for (int e = 0; e < ENTRIES; e++) r[entry_row[e]] -= w->jac[e] * x[entry_column[e]];
  for (int i = 0; i < N; i++) {
    if (!(fabs(r[i]) <= most)) most = fabs(r[i]);
    if (!(fabs(b[i]) <= scale)) scale = fabs(b[i]);
  }
  return most / scale;
}

static void combine(const double *weights, double (*k)[N], double *out) {
  memset(out, 0, N * sizeof(double));
  for (int j = 0; j < 8; j++)
    if (weights[j] != 0.0)
      for (int i = 0; i < N; i++) out[i] += weights[j] * k[j][i];
}

/* One attempted step of length h from w->y: w->y1, w->k (the last is the error). Its residual. */
static double step(Space *w, const double *par, const double *env, double h) {
  double shift = 1.0 / (GAMMA * h);
  jacobian(w, par, env, w->y);
  factorise(w, shift, 0);
  for (int i = 0; i < 8; i++) {
    double pull[N];
    combine(A[i], w->k, w->moved);
    combine(C[i], w->k, pull);
    for (int j = 0; j < N; j++) w->moved[j] += w->y[j];
    rhs_1(par, env, w->moved, w->rhs_kept, w->right);
    for (int j = 0; j < N; j++) w->right[j] += pull[j] / h;
    solve(w, w->right, w->k[i]);
  }
  combine(B, w->k, w->y1);
  for (int j = 0; j < N; j++) w->y1[j] += w->y[j];
  return miss(w, shift, w->k[7], w->right);
}

static void dense_output(Space *w) {
  for (int j = 0; j < 3; j++) combine(H[j], w->k, w->dense[j]);
}

static double interpolated(double theta, double y0, double y1, double d0, double d1, double d2) {
  return (1.0 - theta) * y0 + theta * (y1 + (1.0 - theta) * (d0 + theta * (d1 + theta * d2)));
}

#if TANGENTS
static void combine_lanes(const double *weights, double (*k)[LANES * N], double *out) {
  memset(out, 0, LANES * N * sizeof(double));
  for (int j = 0; j < 8; j++)
    if (weights[j] != 0.0)
      for (int i = 0; i < LANES * N; i++) out[i] += weights[j] * k[j][i];
}

/* Solve for all lanes at once. */
static void solve_lanes(Space *w, const double *b, double *x) {
  double *z = w->lanes;
  const double *lu = w->lu;
  for (int i = 0; i < N; i++) {
    double s[LANES];
    for (int d = 0; d < LANES; d++) s[d] = b[d * N + order[i]];
    for (int p = row_start[i]; p < diagonal[i]; p++)
      for (int d = 0; d < LANES; d++) s[d] -= lu[p] * z[column[p] * LANES + d];
    for (int d = 0; d < LANES; d++) z[i * LANES + d] = s[d];
  }
  for (int i = N - 1; i >= 0; i--) {
    double s[LANES];
    for (int d = 0; d < LANES; d++) s[d] = z[i * LANES + d];
    for (int p = diagonal[i] + 1; p < row_start[i + 1]; p++)
      for (int d = 0; d < LANES; d++) s[d] -= lu[p] * z[column[p] * LANES + d];
    for (int d = 0; d < LANES; d++) {
      z[i * LANES + d] = s[d] * w->inverse[i];
      x[d * N + order[i]] = z[i * LANES + d];
    }
  }
}

#ifdef bend_KEPT
static void prepare_bends(Space *w, const double *par, const double *env, const double *tp, int used) {
  bend_1(par, env, w->y, w->bend_kept);
  (void)tp; (void)used;
}

/* Add the change of J k along each lane (state and parameters) about w->y. */
static void add_bends(Space *w, const double *par, const double *env, const double *k,
                      const double *tp, int used, double *out) {
  bend_2(par, env, w->y, k, w->bend_kept);
  bend_3(par, env, w->y, k, w->ty, tp, w->bend_kept, w->bent);
  for (int i = 0; i < LANES * N; i++) out[i] += w->bent[i];
  (void)used;
}
#else
/* Ready to differ J k along each lane (state and parameters) about w->y, by a central difference:
   what does not depend on k is computed once for all stages of a step. */
static void prepare_bends(Space *w, const double *par, const double *env, const double *tp, int used) {
  for (int lane = 0; lane < used; lane++) {
    const double *ty = w->ty + lane * N, *moves = tp + lane * P;
    double most = 0.0;
    for (int i = 0; i < N; i++) {
      double relative = fabs(ty[i]) / (1e-3 + fabs(w->y[i]));
      most = relative > most ? relative : most;
    }
    for (int i = 0; i < P; i++) {
      double relative = moves[i] == 0.0 ? 0.0 : fabs(moves[i]) / (fabs(par[i]) + 1e-12);
      most = relative > most ? relative : most;
    }
    w->width[lane] = most == 0.0 || !isfinite(most) ? 0.0 : 1e-5 / most;
    if (w->width[lane] == 0.0) continue;
    for (int side = 0; side < 2; side++) {
      Side *at = &w->side[lane][side];
      double d = side ? -w->width[lane] : w->width[lane];
      for (int i = 0; i < P; i++) at->par[i] = par[i] + d * moves[i];
      for (int i = 0; i < N; i++) at->y[i] = w->y[i] + d * ty[i];
      push_0(at->par, env, at->kept);
      push_1(at->par, env, at->y, at->kept);
    }
  }
}

/* Add the change of J k along each lane. */
static void add_bends(Space *w, const double *par, const double *env, const double *k,
                      const double *tp, int used, double *out) {
  for (int lane = 0; lane < used; lane++) {
    if (w->width[lane] == 0.0) continue;
    for (int side = 0; side < 2; side++) {
      Side *at = &w->side[lane][side];
      push_2(at->par, env, at->y, k, at->kept, side ? w->behind : w->ahead);
    }
    double *row = out + lane * N;
    for (int i = 0; i < N; i++) row[i] += (w->ahead[i] - w->behind[i]) / (2.0 * w->width[lane]);
  }
  (void)par; (void)tp;
}
#endif

/* The derivative of the step just made; the factors are those of the step. */
static void step_lanes(Space *w, const double *par, const double *env, double h,
                       const double *tp, int used) {
  prepare_bends(w, par, env, tp, used);
  for (int i = 0; i < 8; i++) {
    double pull[LANES * N];
    combine(A[i], w->k, w->moved);
    for (int j = 0; j < N; j++) w->moved[j] += w->y[j];
    combine_lanes(A[i], w->kt, w->at);
    combine_lanes(C[i], w->kt, pull);
    for (int j = 0; j < LANES * N; j++) w->at[j] += w->ty[j];
    tangent_1(par, env, w->moved, w->tan_kept);
    tangent_2(par, env, w->moved, w->at, tp, w->tan_kept, w->given);
    for (int j = 0; j < LANES * N; j++) w->given[j] += pull[j] / h;
    add_bends(w, par, env, w->k[i], tp, used, w->given);
    solve_lanes(w, w->given, w->kt[i]);
  }
}
#endif
