/* Rodas5P through segments, and steady states, on functions translated from the model.

   The same scheme, control and limits as numerics/drive.py, rodas5p.py and steady.py, which say
   where they come from. The Jacobian's entries are a function of their own; elimination is sparse, in a fixed order, without row exchanges. sizes.h, written with
   the functions, holds: N (states), P, E (parameters, surroundings), OBS, SLOTS, LANES,
   tables of the elimination, the method's coefficients, and the functions' prototypes. */

#include "steps.h"

static const double FIRST_GUESS = 1e-6;

/* First step of a segment, from how fast the tendency moves y; see drive.py. */
static double first_step(Space *w, const double *par, const double *env, double rtol, double atol,
                         double dtmin, double first) {
  double slope = 0.0, size = 0.0;
  rhs_1(par, env, w->y, w->rhs_kept, w->right);
  for (int i = 0; i < N; i++) {
    double scale = atol + rtol * fabs(w->y[i]), moves = w->right[i] / scale, is = w->y[i] / scale;
    slope += moves * moves;
    size += is * is;
  }
  slope = sqrt(slope / N);
  size = sqrt(size / N);
  if (!(size > 1e-5 && slope > 1e-5 && isfinite(slope))) return FIRST_GUESS;
  return fmax(first * size / slope, 100.0 * dtmin);
}

/* Pass the boundaries at the start of segment k, and of segments of length zero after it. */
static int enter(Space *w, int k, int count, const double *boundaries, const double *par,
                 const double *env, const double *dose, const double *fluence,
                 const double *strips, const double *tp) {
  int is_first = 1;
  k -= 1;
  while (is_first || (k < count && boundaries[k + 1] - boundaries[k] <= 0)) {
    is_first = 0;
    k += 1;
    if (k >= count) break;
    int is_quiet = fluence[k] == 0.0 && strips[k] == 0.0;
    for (int i = 0; i < SLOTS * 3; i++) is_quiet = is_quiet && dose[k * SLOTS * 3 + i] == 0.0;
    if (is_quiet) continue;
    const double *here = env + k * E, *given = dose + k * SLOTS * 3;
    double told[SLOTS * 3 + 2];
    memcpy(told, given, SLOTS * 3 * sizeof(double));
    told[SLOTS * 3] = fluence[k];
    told[SLOTS * 3 + 1] = strips[k];
#if TANGENTS
    event_tangent_0(par, here, w->event_tan_kept);
    event_tangent_1(par, here, w->y, told, w->event_tan_kept);
    event_tangent_2(par, here, w->y, told, w->ty, tp, w->event_tan_kept, w->at);
    memcpy(w->ty, w->at, sizeof w->ty);
#endif
    event_0(par, here, w->event_kept);
    event_1(par, here, w->y, told, w->event_kept, w->moved);
    memcpy(w->y, w->moved, sizeof w->y);
  }
  (void)tp;
  return k;
}

/* Numbers of one thread's workspace, in bytes. */
int64_t space_size(void) { return (int64_t)sizeof(Space); }

/* Integrate through `count` segments; see numerics/integrate.py. tp, ty0 and slopes only with
   TANGENTS, `used` of LANES lanes. Returns the status. */
int run(void *space, const double *par, const double *env, const double *boundaries, int count,
        const double *dose, const double *fluence, const double *strips, const double *times,
        const int *segment_of, int num_times, const double *y0, const double *options,
        double *states, double *observed, const double *tp, const double *ty0, int used,
        double *slopes, int64_t *counts, double *last_time) {
  Space *w = space;
  double rtol = options[0], atol = options[1], dtmin = options[2];
  int64_t max_steps = (int64_t)options[3];
  const double start = boundaries[0], end = boundaries[count];
  int status = OK, cursor = 0, segment, prepared = -1;
  int64_t num_steps = 0, num_rejected = 0;
  double tau = 0.0, dt = -1.0, last_error = 1.0;
  (void)tp; (void)ty0; (void)used; (void)slopes;

  for (int k = 0; k <= count; k++)
    if (!isfinite(boundaries[k]) || (k && !(boundaries[k] >= boundaries[k - 1]))) status = INVALID_INPUT;
  for (int k = 1; k < num_times; k++) if (!(times[k] >= times[k - 1])) status = INVALID_INPUT;
  if (!all_finite(y0, N)) status = INVALID_INPUT;
  for (int k = 0; k < num_times * N; k++) states[k] = NAN;
  memcpy(w->y, y0, sizeof w->y);
#if TANGENTS
  double *kept_lanes = malloc((size_t)num_times * LANES * N * sizeof(double));
  if (!kept_lanes) return NOT_RUN;
  memcpy(w->ty, ty0, sizeof w->ty);
#endif
  while (cursor < num_times && times[cursor] <= start) {
    if (times[cursor] == start) memcpy(states + (size_t)cursor * N, y0, N * sizeof(double));
#if TANGENTS
    memcpy(kept_lanes + (size_t)cursor * LANES * N, ty0, sizeof w->ty);
#endif
    cursor++;
  }
  segment = enter(w, 0, count, boundaries, par, env, dose, fluence, strips, tp);
  while (segment < count && status == OK) {
    const double *here = env + segment * E;
    if (prepared != segment) {
      prepare(w, par, here);
#if TANGENTS
      tangent_0(par, here, w->tan_kept);
#endif
      prepared = segment;
    }
    double from = boundaries[segment], length = boundaries[segment + 1] - from;
    if (!(dt > 0)) dt = fmin(first_step(w, par, here, rtol, atol, dtmin, options[4]), length);
    double rest = 1.0 - tau, fraction = dt / length;
    double halved = fraction > 0.5 * rest ? 0.5 * rest : fraction;
    fraction = fraction >= 0.999 * rest ? rest : halved;
    int is_last = fraction == rest;
    double tried = fraction * length;
    double residual = step(w, par, here, tried);

    double sum = 0.0;
    for (int i = 0; i < N; i++) {
      double a = fabs(w->y[i]), b = fabs(w->y1[i]), size = w->k[7][i] / (atol + rtol * (a > b ? a : b));
      sum += size * size;
    }
    double size = sqrt(sum / N);
    int is_sound = isfinite(size) && residual < 1e-6 && all_finite(w->y1, N);
    int accepted = is_sound && size <= 1.0;
    if (!is_sound) size = 1.0;
    if (size < 1e-8) size = 1e-8;
    double grow = SAFETY * pow(size, -INTEGRAL) * pow(last_error, PROPORTIONAL);
    double cut = is_sound ? SAFETY * pow(size, -1.0 / 5) : SHRINK;
    double factor = accepted ? fmin(fmax(grow, SHRINK), GROW) : fmin(fmax(cut, SHRINK), 0.9);
    double next = tried * factor;
    if (accepted && tried < 0.99 * dt) next = fmax(next, fmin(dt, tried * GROW));

    double end_tau = is_last ? 1.0 : tau + fraction;
    double end_time = is_last ? boundaries[segment + 1] : from + end_tau * length;
    num_steps++;
    int leaves = accepted && is_last;
    if (accepted) {
#if TANGENTS
      step_lanes(w, par, here, tried, tp, used);
#endif
      double latest = end_time + 1e-13 * (end - start);
      int is_dense = 0;
      for (; cursor < num_times && times[cursor] <= latest; cursor++) {
        if (!is_dense) {
          dense_output(w);
#if TANGENTS
          for (int j = 0; j < 3; j++) combine_lanes(H[j], w->kt, w->dense_t[j]);
          combine_lanes(B, w->kt, w->at);
          for (int i = 0; i < LANES * N; i++) w->at[i] += w->ty[i];
#endif
          is_dense = 1;
        }
        double theta = ((times[cursor] - from) / length - tau) / fraction;
        double *row = states + (size_t)cursor * N;
        for (int i = 0; i < N; i++)
          row[i] = interpolated(theta, w->y[i], w->y1[i], w->dense[0][i], w->dense[1][i], w->dense[2][i]);
#if TANGENTS
        double *lanes = kept_lanes + (size_t)cursor * LANES * N;
        for (int i = 0; i < LANES * N; i++)
          lanes[i] = interpolated(theta, w->ty[i], w->at[i], w->dense_t[0][i], w->dense_t[1][i],
                                  w->dense_t[2][i]);
#endif
      }
      memcpy(w->y, w->y1, sizeof w->y);
#if TANGENTS
      combine_lanes(B, w->kt, w->at);
      for (int i = 0; i < LANES * N; i++) w->ty[i] += w->at[i];
#endif
      last_error = size;
      tau = end_tau;
    } else {
      num_rejected++;
    }
    dt = next;
    if (!leaves && next < dtmin) status = DT_MIN;
    if (leaves) {
      segment = enter(w, segment + 1, count, boundaries, par, env, dose, fluence, strips, tp);
      tau = 0.0;
      dt = -1.0;
      last_error = 1.0;
      if (!all_finite(w->y, N)) status = NONFINITE;
    }
    if (segment < count && status == OK && num_steps >= max_steps) status = MAX_STEPS;
  }

  *last_time = segment >= count ? end : boundaries[segment] + tau * (boundaries[segment + 1] - boundaries[segment]);
  counts[0] = num_steps;
  counts[1] = num_rejected;
  int at = -1;
  for (int m = 0; m < num_times; m++) {
    double *row = observed + (size_t)m * OBS;
    if (status != OK || !isfinite(times[m]) || m >= cursor) {
      for (int i = 0; i < OBS; i++) row[i] = NAN;
      for (int i = 0; i < N; i++) states[(size_t)m * N + i] = NAN;
#if TANGENTS
      for (int d = 0; d < LANES; d++)
        for (int i = 0; i < OBS; i++) slopes[((size_t)d * num_times + m) * OBS + i] = NAN;
#endif
      continue;
    }
    const double *here = env + segment_of[m] * E;
    if (at != segment_of[m]) {
      observe_0(par, here, w->obs_kept);
#if TANGENTS
      observe_tangent_0(par, here, w->obs_tan_kept);
#endif
      at = segment_of[m];
    }
    observe_1(par, here, states + (size_t)m * N, w->obs_kept, row);
#if TANGENTS
    observe_tangent_1(par, here, states + (size_t)m * N, w->obs_tan_kept);
    observe_tangent_2(par, here, states + (size_t)m * N, kept_lanes + (size_t)m * LANES * N, tp,
                      w->obs_tan_kept, w->out_t);
    for (int d = 0; d < LANES; d++)
      for (int i = 0; i < OBS; i++)
        slopes[((size_t)d * num_times + m) * OBS + i] = w->out_t[d * OBS + i];
#endif
  }
#if TANGENTS
  free(kept_lanes);
#endif
  return status;
}

/* Steady state near y, which is overwritten; see numerics/steady.py. Returns the status. */
int rest(void *space, const double *par, const double *env, double *y, double rtol, double atol,
         int max_steps, double delta, int64_t *num_steps, double *residual) {
  Space *w = space;
  double *value = w->right, *next = w->y1, *s = w->moved, *found = w->k[0];
  int status = OK, is_done = 0;
  prepare(w, par, env);
  rhs_1(par, env, y, w->rhs_kept, value);
  if (!all_finite(value, N) || !all_finite(y, N)) status = NONFINITE;
  double norm = root_mean_square(value);
  int64_t count = 0;
  while (!is_done && status == OK) {
    jacobian(w, par, env, y);
    factorise(w, 1.0 / delta, 1);
    solve(w, value, s);
    int is_small = 1;
    for (int i = 0; i < N; i++) {
      next[i] = y[i] + s[i];
      if (y[i] >= 0 && !(next[i] >= 0.1 * y[i])) next[i] = isnan(next[i]) ? NAN : 0.1 * y[i];
      if (!(fabs(next[i] - y[i]) <= atol + rtol * fabs(next[i]))) is_small = 0;
    }
    rhs_1(par, env, next, w->rhs_kept, found);
    double now = root_mean_square(found), length = root_mean_square(s);
    int is_finite = isfinite(now) && all_finite(s, N);
    int accepted = is_finite && (now <= 2.0 * norm + 1e-14 || is_small);
    double ratio = fmin(fmax(norm / fmax(now, 1e-300), 0.5), 10.0);
    if (is_small) ratio = 10.0;
    is_done = accepted && is_small && delta * norm >= length && delta >= 1e3;
    delta *= accepted ? ratio * 1.5 : 0.2;
    delta = fmin(fmax(delta, 1e-12), 1e10);
    count++;
    if (!accepted && delta <= 1e-12) status = DT_MIN;
    if (!is_done && status == OK && count >= max_steps) status = MAX_STEPS;
    if (accepted) {
      memcpy(y, next, N * sizeof(double));
      memcpy(value, found, N * sizeof(double));
      norm = now;
    }
  }
  *num_steps = count;
  *residual = 0.0;
  for (int i = 0; i < N; i++) if (!(fabs(value[i]) <= *residual)) *residual = fabs(value[i]);
  return status;
}

#if TANGENTS
/* How the steady state y moves along each lane: J ty = -(df/dp) tp. */
void rest_lanes(void *space, const double *par, const double *env, const double *y,
                const double *tp, double *ty) {
  Space *w = space;
  prepare(w, par, env);
  jacobian(w, par, env, y);
  factorise(w, 0.0, 1);
  memset(w->at, 0, sizeof w->at);
  tangent_0(par, env, w->tan_kept);
  tangent_1(par, env, y, w->tan_kept);
  tangent_2(par, env, y, w->at, tp, w->tan_kept, w->given);
  solve_lanes(w, w->given, ty);
}
#endif
