/* Rodas5P through one period of a system of ordinary differential equations, with derivatives.

   The same scheme and control as interchange/hybrid (drive.py, control.py), for a period in which
   nothing jumps. Time, where the tendency reads it, is a state of its own with slope one, the last
   (TIME is 1); it counts in no norm. Directions come in blocks of LANES, which share each step's
   factors. */

#include "steps.h"

enum { MOVING = N - TIME };
static const double QUIET = 1e-9, QUIET_GROWTH = 1e4;

/* A first length over which nothing moves by more than a hundredth of itself. */
static double first_step(Space *w, const double *par, double rtol, double atol, double rest) {
  double largest = 0.0, speed = 0.0;
  rhs_1(par, par, w->y, w->rhs_kept, w->right);
  for (int i = 0; i < MOVING; i++) largest = fmax(largest, fabs(w->y[i]));
  for (int i = 0; i < MOVING; i++) {
    double one = fabs(w->right[i]) / fmax(fabs(w->y[i]), rtol * largest + atol);
    if (!(one <= speed)) speed = one;
  }
  double span = isfinite(rest) ? rest : 1e-3;
  return speed > 0.0 && isfinite(speed) ? fmin(0.01 / speed, span) : 1e-3 * span;
}

/* Whether going on as long as the period has run would change nothing that matters. */
static int is_quiet(const Space *w, double h, double elapsed, double atol) {
  double factor = fmax(elapsed / h, 1.0);
  for (int i = 0; i < MOVING; i++)
    if (!(fabs(w->y1[i] - w->y[i]) * factor <= 100.0 * atol + QUIET * fabs(w->y1[i]))) return 0;
  return 1;
}

/* Write the state inside the step just made, at a share of it. */
static void save_state(const Space *w, double theta, double *row) {
  for (int i = 0; i < N; i++)
    row[i] = interpolated(theta, w->y[i], w->y1[i], w->dense[0][i], w->dense[1][i], w->dense[2][i]);
}

/* The same for directions, whose end is in w->at. */
static void save_lanes(const Space *w, double theta, double *row) {
  for (int i = 0; i < LANES * N; i++)
    row[i] = interpolated(theta, w->ty[i], w->at[i], w->dense_t[0][i], w->dense_t[1][i],
                          w->dense_t[2][i]);
}

/* Bytes of one thread's workspace. */
int64_t space_size(void) { return (int64_t)sizeof(Space); }

/* Integrate one period, from span[0] to span[1]; with is_steady, until nothing changes.
   y: state, overwritten. ty, tp: directions of state and parameters, (block, LANES, N or P); ty is
   overwritten. times: where to save, ascending; of a steady period the end is saved.
   options: rtol, atol, most steps. states: (time, N). slopes: (time, block, LANES, N).
   Returns the status; counts gets the steps tried, span[1] the time reached. */
int follow(void *space, const double *par, double *y, double *ty, const double *tp, int blocks,
           double *span, int is_steady, const double *times, int num_times, const double *options,
           double *states, double *slopes, int64_t *counts) {
  Space *w = space;
  const double rtol = options[0], atol = options[1], end = is_steady ? INFINITY : span[1];
  const size_t block = LANES * N;
  double t = span[0], dt = -1.0, last_error = 1.0, quiet_from = 0.0;
  int status = OK, cursor = 0, is_done = !is_steady && !(t < end - 1e-12 * fabs(end));
  int64_t count = 0;
  if (!all_finite(y, N) || !all_finite(par, P)) return NONFINITE;
  memcpy(w->y, y, sizeof w->y);
  rhs_0(par, par, w->rhs_kept);
  jac_0(par, par, w->jac_kept);
  if (blocks) {
    tangent_0(par, par, w->tan_kept);
    bend_0(par, par, w->bend_kept);
  }
  for (; !is_steady && cursor < num_times && times[cursor] <= t + 1e-12 * fabs(t); cursor++) {
    memcpy(states + (size_t)cursor * N, y, sizeof w->y);
    memcpy(slopes + cursor * blocks * block, ty, blocks * block * sizeof(double));
  }
  while (!is_done && status == OK) {
    double rest = end - t;
    if (!(dt > 0)) dt = fmax(first_step(w, par, rtol, atol, rest), 1e-13 * fabs(t) + 1e-150);
    int is_last = dt >= 0.999 * rest;
    double tried = is_last ? rest : dt > 0.5 * rest ? 0.5 * rest : dt;
    double residual = step(w, par, par, tried), sum = 0.0;
    for (int i = 0; i < MOVING; i++) {
      double size = w->k[7][i] / (atol + rtol * fmax(fabs(w->y[i]), fabs(w->y1[i])));
      sum += size * size;
    }
    double size = sqrt(sum / MOVING);
    int is_sound = isfinite(size) && residual < 1e-6 && all_finite(w->y1, N);
    int accepted = is_sound && size <= 1.0;
    size = fmax(is_sound ? size : 1.0, 1e-8);
    double grow = SAFETY * pow(size, -INTEGRAL) * pow(last_error, PROPORTIONAL);
    double cut = is_sound ? SAFETY * pow(size, -1.0 / 5) : SHRINK;
    double next = tried * (accepted ? fmin(fmax(grow, SHRINK), GROW) : fmin(fmax(cut, SHRINK), 0.9));
    if (accepted && tried < 0.99 * dt) next = fmax(next, dt);
    count++;
    if (accepted) {
      double now = is_last ? end : t + tried;
      int upto = cursor;
      while (!is_steady && upto < num_times && times[upto] <= now + 1e-12 * fabs(now)) upto++;
      if (upto > cursor) dense_output(w);
      for (int m = cursor; m < upto; m++)
        save_state(w, fmin((times[m] - t) / tried, 1.0), states + (size_t)m * N);
      for (int b = 0; b < blocks; b++) {
        double *mine = ty + b * block;
        memcpy(w->ty, mine, sizeof w->ty);
        step_lanes(w, par, par, tried, tp + (size_t)b * LANES * P, LANES);
        combine_lanes(B, w->kt, w->at);
        for (size_t i = 0; i < block; i++) w->at[i] += w->ty[i];
        if (upto > cursor) for (int j = 0; j < 3; j++) combine_lanes(H[j], w->kt, w->dense_t[j]);
        for (int m = cursor; m < upto; m++)
          save_lanes(w, fmin((times[m] - t) / tried, 1.0), slopes + ((size_t)m * blocks + b) * block);
        memcpy(mine, w->at, sizeof w->at);
      }
      cursor = upto;
      double elapsed = now - span[0];
      if (!is_steady || !is_quiet(w, tried, elapsed, atol)) quiet_from = 0.0;
      else if (quiet_from == 0.0) quiet_from = elapsed;
      is_done = is_last || (quiet_from > 0.0 && elapsed > QUIET_GROWTH * quiet_from);
      memcpy(w->y, w->y1, sizeof w->y);
      last_error = size;
      t = now;
    }
    if (!accepted && next < 4e-16 * fabs(t) + 1e-200) status = DT_MIN;
    if (!is_done && status == OK && count >= (int64_t)options[2]) status = MAX_STEPS;
    dt = next;
  }
  for (; status == OK && cursor < num_times; cursor++) {
    memcpy(states + (size_t)cursor * N, w->y, sizeof w->y);
    memcpy(slopes + cursor * blocks * block, ty, blocks * block * sizeof(double));
  }
  memcpy(y, w->y, sizeof w->y);
  *counts = count;
  span[1] = t;
  return status;
}
