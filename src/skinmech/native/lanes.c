/* Rodas5P on many members of one small model at once: a member in each vector lane.

   The same scheme, control and limits as solver.c. Every lane has its own time and step, and takes
   the next member as soon as its own has ended, so nobody waits for anybody. Arrays have the lane
   last. sizes.h holds N (states), P (parameters), LANES, COLOURS, ENTRIES, FILLED, tables of the
   elimination, the method's coefficients, and the functions' prototypes. */

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "sizes.h"

enum { OK, INVALID_INPUT, MAX_STEPS, DT_MIN, NONFINITE, NOT_RUN }; /* numerics/status.py */
#define EACH_LANE for (int d = 0; d < LANES; d++)
static const float SAFETY = 0.9f, SHRINK = 0.2f, GROW = 6.0f;
static const float PROPORTIONAL = 0.4f / 5, INTEGRAL = 0.7f / 5;

typedef double Row __attribute__((vector_size(8 * LANES))); /* gcc and clang: any processor */
typedef struct {
  Row y[N], y1[N], k[8][N], at[N], right[N], work[N], par[P];
  Row compressed[COLOURS * N], lu[FILLED], inverse[N];
  Row time, dt, h, per_h, shift, error, most, scale;
  double rhs_kept[rhs_KEPT], jac_kept[jac_KEPT];
  float last_error[LANES];
  int64_t member[LANES], steps[LANES];
  int cursor[LANES], is_last[LANES];
} Space;

static void factorise(Space *w) {
  Row *lu = w->lu;
  memset(lu, 0, sizeof w->lu);
  for (int e = 0; e < ENTRIES; e++) lu[entry_to[e]] = -w->compressed[entry_from[e]];
  for (int i = 0; i < N; i++) lu[diagonal[i]] += w->shift;
  const int *to = update_to;
  for (int i = 0; i < N; i++) {
    for (int p = row_start[i]; p < diagonal[i]; p++) {
      int k = column[p];
      Row factor = lu[p] * w->inverse[k];
      lu[p] = factor;
      for (int q = diagonal[k] + 1; q < row_start[k + 1]; q++, to++) lu[*to] -= factor * lu[q];
    }
    w->inverse[i] = 1.0 / lu[diagonal[i]];
  }
}

static void solve(Space *w, const Row *b, Row *x) {
  Row *z = w->work;
  const Row *lu = w->lu;
  for (int i = 0; i < N; i++) {
    Row s = b[order[i]];
    for (int p = row_start[i]; p < diagonal[i]; p++) s -= lu[p] * z[column[p]];
    z[i] = s;
  }
  for (int i = N - 1; i >= 0; i--) {
    Row s = z[i];
    for (int p = diagonal[i] + 1; p < row_start[i + 1]; p++) s -= lu[p] * z[column[p]];
    x[order[i]] = z[i] = s * w->inverse[i];
  }
}

/* Largest |(shift I - J) x - b| of each lane, relative to its largest |b|. */
static void misses(Space *w, const Row *x, const Row *b) {
  Row *r = w->work;
  EACH_LANE w->most[d] = 0.0, w->scale[d] = 2.2250738585072014e-308;
  for (int i = 0; i < N; i++) r[i] = w->shift * x[i] - b[i];
  for (int e = 0; e < ENTRIES; e++) r[entry_row[e]] -= w->compressed[entry_from[e]] * x[entry_column[e]];
  for (int i = 0; i < N; i++) EACH_LANE {
    double a = fabs(r[i][d]), c = fabs(b[i][d]);
    w->most[d] = a <= w->most[d] ? w->most[d] : a;
    w->scale[d] = c <= w->scale[d] ? w->scale[d] : c;
  }
}

/* One attempted step of every lane: y1, k (the last stage is the error), error norms, misses. */
static void step(Space *w, double rtol, const double *atol) {
  jac_0((double *)w->y, (double *)w->par, w->jac_kept, (double *)w->compressed);
  w->per_h = 1.0 / w->h;
  w->shift = w->per_h / GAMMA;
  factorise(w);
  for (int s = 0; s < 8; s++) {
    Row pull[N];
    for (int i = 0; i < N; i++) {
      Row at = w->y[i], sum = {0};
      for (int j = 0; j < s; j++) at += A[s][j] * w->k[j][i], sum += C[s][j] * w->k[j][i];
      w->at[i] = at, pull[i] = sum * w->per_h;
    }
    rhs_0((double *)w->at, (double *)w->par, w->rhs_kept, (double *)w->right);
    for (int i = 0; i < N; i++) w->right[i] += pull[i];
    solve(w, w->right, w->k[s]);
  }
  misses(w, w->k[7], w->right);
  w->error = (Row){0};
  for (int i = 0; i < N; i++) {
    Row y = w->y[i], end = y, larger;
    for (int j = 0; j < 8; j++) end += B[j] * w->k[j][i];
    w->y1[i] = end;
    EACH_LANE larger[d] = fabs(y[d]) > fabs(end[d]) ? fabs(y[d]) : fabs(end[d]);
    Row size = w->k[7][i] / (atol[i] + rtol * larger);
    w->error += size * size;
  }
}

/* Values at the times that a lane's accepted step has passed; `kept` names the states wanted. */
static void save(const Space *w, int d, const double *times, int num_times, double latest,
                 const int *kept, int num_kept, double *states, int cursor) {
  double y0[N], y1[N], d0[N] = {0}, d1[N] = {0}, d2[N] = {0};
  for (int c = 0; c < num_kept; c++) {
    int i = kept[c];
    y0[c] = w->y[i][d], y1[c] = w->y1[i][d];
    for (int j = 0; j < 8; j++) {
      double k = w->k[j][i][d];
      d0[c] += H[0][j] * k, d1[c] += H[1][j] * k, d2[c] += H[2][j] * k;
    }
  }
  for (; cursor < num_times && times[cursor] <= latest; cursor++) {
    double a = (times[cursor] - w->time[d]) * w->per_h[d], b = 1.0 - a;
    double *row = states + (size_t)cursor * num_kept;
    for (int c = 0; c < num_kept; c++)
      row[c] = b * y0[c] + a * (y1[c] + b * (d0[c] + a * (d1[c] + a * d2[c])));
  }
}

/* Solve for `count` members from times[0] to the last of `times`.
   y0: (member, N). par: (member, P). atol: (N). options: rtol, dt0, dtmin, most steps.
   states: (member, time, kept), not a number where the status is not OK. */
void run(int64_t count, const double *y0, const double *par, const double *times, int num_times,
         const double *atol, const double *options, const int *kept, int num_kept, double *states,
         int *statuses, int64_t *num_steps) {
  Space *w = aligned_alloc(64, (sizeof *w + 63) / 64 * 64);
  const double rtol = options[0], dt0 = options[1], dtmin = options[2];
  const int64_t max_steps = (int64_t)options[3];
  const double end = times[num_times - 1], slack = 1e-13 * (end - times[0]);
  const size_t size = (size_t)num_times * num_kept;
  int64_t next = 0;
  int active = 0;
  if (!w || !count) { free(w); return; }
  memset(w, 0, sizeof *w);
  /* A lane without a member stands still at the last one it had, or at the first of all. */
  EACH_LANE w->member[d] = -1;
  for (int first = 1;; first = 0) {
    EACH_LANE {
      if (w->member[d] >= 0) continue;
      int is_sound = 0;
      while (next < count && !is_sound) {
        const double *y = y0 + next * N, *p = par + next * P;
        is_sound = 1;
        for (int i = 0; i < N; i++) is_sound = is_sound && isfinite(y[i]);
        for (int i = 0; i < P; i++) is_sound = is_sound && isfinite(p[i]);
        if (!is_sound) {
          for (size_t c = 0; c < size; c++) states[next * size + c] = NAN;
          statuses[next] = INVALID_INPUT, num_steps[next] = 0;
          next++;
        }
      }
      if (next >= count && !first) continue;
      const double *y = y0 + (next < count ? next : 0) * N, *p = par + (next < count ? next : 0) * P;
      for (int i = 0; i < N; i++) w->y[i][d] = y[i];
      for (int i = 0; i < P; i++) w->par[i][d] = p[i];
      w->time[d] = times[0], w->dt[d] = dt0, w->last_error[d] = 1.0f;
      w->steps[d] = 0, w->cursor[d] = 1;
      if (next >= count) continue;
      for (int c = 0; c < num_kept; c++) states[next * size + c] = y[kept[c]];
      w->member[d] = next++;
      active++;
    }
    if (!active) break;
    EACH_LANE {
      double rest = end - w->time[d], h = w->dt[d] > 0.5 * rest ? 0.5 * rest : w->dt[d];
      w->is_last[d] = w->dt[d] >= 0.999 * rest;
      w->h[d] = w->is_last[d] ? rest : h;
    }
    step(w, rtol, atol);
    EACH_LANE {
      int64_t m = w->member[d];
      if (m < 0) continue;
      float size_ = (float)sqrt(w->error[d] / N);
      int is_sound = isfinite(size_) && w->most[d] < 1e-6 * w->scale[d];
      for (int i = 0; i < N; i++) is_sound = is_sound && isfinite(w->y1[i][d]);
      int accepted = is_sound && size_ <= 1.0f;
      if (size_ < 1e-8f) size_ = 1e-8f;
      float factor = SHRINK;
      if (accepted) {
        factor = SAFETY * powf(size_, -INTEGRAL) * powf(w->last_error[d], PROPORTIONAL);
        factor = fminf(fmaxf(factor, SHRINK), GROW);
      } else if (is_sound) {
        factor = fminf(fmaxf(SAFETY * powf(size_, -0.2f), SHRINK), 0.9f);
      }
      double after = w->h[d] * factor;
      if (accepted && w->h[d] < 0.99 * w->dt[d]) after = fmax(after, fmin(w->dt[d], w->h[d] * GROW));
      int status = OK, is_done = accepted && w->is_last[d];
      w->steps[d]++;
      if (accepted) {
        double now = is_done ? end : w->time[d] + w->h[d];
        if (w->cursor[d] < num_times && times[w->cursor[d]] <= now + slack) {
          save(w, d, times, num_times, now + slack, kept, num_kept, states + m * size, w->cursor[d]);
          while (w->cursor[d] < num_times && times[w->cursor[d]] <= now + slack) w->cursor[d]++;
        }
        for (int i = 0; i < N; i++) w->y[i][d] = w->y1[i][d];
        w->time[d] = now;
        w->last_error[d] = size_;
      }
      w->dt[d] = after;
      if (!is_done && after < dtmin) status = DT_MIN;
      else if (!is_done && w->steps[d] >= max_steps) status = MAX_STEPS;
      if (!is_done && status == OK) continue;
      if (status != OK) for (size_t c = 0; c < size; c++) states[m * size + c] = NAN;
      statuses[m] = status, num_steps[m] = w->steps[d];
      w->member[d] = -1;
      active--;
    }
  }
  free(w);
}
