/* CVODE (SUNDIALS 7) driven from C: no Python between the integrator and the right-hand side.
 *
 * Prototypes are declared here because the wheel that ships the libraries ships no headers.
 * `RHS(t, y, ydot, par)` is generated from the problem's equations and compiled with this file.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <math.h>

typedef void *Ctx, *Vec, *Mat, *Lin, *Mem;
typedef int64_t idx;
int SUNContext_Create(int comm, Ctx *ctx);
int SUNContext_Free(Ctx *ctx);
Vec N_VNew_Serial(idx n, Ctx ctx);
double *N_VGetArrayPointer(Vec v);
void N_VDestroy(Vec v);
Mat SUNBandMatrix(idx n, idx mu, idx ml, Ctx ctx);
double *SUNBandMatrix_Column(Mat a, idx j);
int SUNMatZero(Mat a);
void SUNMatDestroy(Mat a);
Lin SUNLinSol_Band(Vec y, Mat a, Ctx ctx);
Lin SUNLinSol_LapackBand(Vec y, Mat a, Ctx ctx);
int SUNLinSolFree(Lin s);
Mem CVodeCreate(int lmm, Ctx ctx);
int CVodeInit(Mem m, int (*f)(double, Vec, Vec, void *), double t0, Vec y0);
int CVodeReInit(Mem m, double t0, Vec y0);
int CVodeSetUserData(Mem m, void *data);
int CVodeSStolerances(Mem m, double rtol, double atol);
int CVodeSetLinearSolver(Mem m, Lin s, Mat a);
int CVodeSetJacFn(Mem m, int (*j)(double, Vec, Vec, Mat, void *, Vec, Vec, Vec));
int CVodeSetMaxNumSteps(Mem m, long n);
int CVodeSetStopTime(Mem m, double t);
int CVode(Mem m, double tout, Vec y, double *t, int task);
int CVodeGetNumSteps(Mem m, long *n);
int CVodeGetNumRhsEvals(Mem m, long *n);
int CVodeGetNumJacEvals(Mem m, long *n);
void CVodeFree(Mem *m);

void RHS(double t, const double *y, double *ydot, const double *par);

typedef struct {
    const double *par;
    idx size, band;
    int num_colours;
    const int32_t *colour; /* of each column */
    const int32_t *start, *row; /* rows of each column's structural non-zeros */
    double *work, *rate, *base, *step;
} Data;

static int rhs(double t, Vec y, Vec ydot, void *user)
{
    RHS(t, N_VGetArrayPointer(y), N_VGetArrayPointer(ydot), ((Data *)user)->par);
    return 0;
}

/* Differences, one right-hand side per colour of the exact sparsity (fewer than per band). */
static int jacobian(double t, Vec y, Vec ydot, Mat a, void *user, Vec w1, Vec w2, Vec w3)
{
    Data *d = user;
    const double *state = N_VGetArrayPointer(y), *rate = N_VGetArrayPointer(ydot);
    SUNMatZero(a);
    memcpy(d->work, state, d->size * sizeof(double));
    for (int c = 0; c < d->num_colours; c++) {
        for (idx j = 0; j < d->size; j++)
            if (d->colour[j] == c) {
                d->step[j] = 1.5e-8 * fmax(fabs(state[j]), 1e-4);
                d->work[j] = state[j] + d->step[j];
            }
        RHS(t, d->work, d->rate, d->par);
        for (idx j = 0; j < d->size; j++)
            if (d->colour[j] == c) {
                double *column = SUNBandMatrix_Column(a, j), inverse = 1.0 / d->step[j];
                for (int32_t k = d->start[j]; k < d->start[j + 1]; k++)
                    column[d->row[k] - j] = (d->rate[d->row[k]] - rate[d->row[k]]) * inverse;
                d->work[j] = state[j];
            }
    }
    return 0;
}

/* Integrate through segments, adding `dose` to state `depot` at each boundary but the last.
 * jac: 0 CVODE's own banded differences, 1 the coloured differences above.
 * lapack: 0 SUNDIALS' own band solver, 1 LAPACK's.
 * stats: steps, right-hand sides, Jacobians. Returns 0, or CVODE's flag. */
int cvode_run(idx size, idx band, const double *y0, const double *par, int num_segments,
              const double *boundaries, idx depot, double dose, int num_saves,
              const double *saves, double *out, double rtol, double atol, int jac, int lapack,
              int num_colours, const int32_t *colour, const int32_t *start, const int32_t *row,
              long *stats)
{
    Ctx ctx;
    Data d = {par, size, band, num_colours, colour, start, row, NULL, NULL, NULL, NULL};
    double t;
    int flag = 0, cursor = 0;
    if (SUNContext_Create(0, &ctx)) return -1000;
    d.work = malloc(3 * size * sizeof(double));
    d.rate = d.work + size;
    d.step = d.rate + size;
    Vec y = N_VNew_Serial(size, ctx);
    memcpy(N_VGetArrayPointer(y), y0, size * sizeof(double));
    Mat a = SUNBandMatrix(size, band, band, ctx);
    Lin s = lapack ? SUNLinSol_LapackBand(y, a, ctx) : SUNLinSol_Band(y, a, ctx);
    Mem m = CVodeCreate(2, ctx); /* BDF */
    CVodeInit(m, rhs, boundaries[0], y);
    CVodeSetUserData(m, &d);
    CVodeSStolerances(m, rtol, atol);
    CVodeSetLinearSolver(m, s, a);
    if (jac) CVodeSetJacFn(m, jacobian);
    CVodeSetMaxNumSteps(m, 1000000);
    stats[0] = stats[1] = stats[2] = 0;
    for (int k = 0; k < num_segments && flag >= 0; k++) {
        long n;
        N_VGetArrayPointer(y)[depot] += dose;
        CVodeReInit(m, boundaries[k], y);
        CVodeSetStopTime(m, boundaries[k + 1]);
        while (cursor < num_saves && saves[cursor] <= boundaries[k + 1] && flag >= 0) {
            flag = CVode(m, saves[cursor], y, &t, 1);
            memcpy(out + size * cursor++, N_VGetArrayPointer(y), size * sizeof(double));
        }
        if (flag >= 0 && (cursor == 0 || saves[cursor - 1] < boundaries[k + 1]))
            flag = CVode(m, boundaries[k + 1], y, &t, 1);
        CVodeGetNumSteps(m, &n), stats[0] += n;
        CVodeGetNumRhsEvals(m, &n), stats[1] += n;
        CVodeGetNumJacEvals(m, &n), stats[2] += n;
    }
    CVodeFree(&m);
    SUNLinSolFree(s);
    SUNMatDestroy(a);
    N_VDestroy(y);
    SUNContext_Free(&ctx);
    free(d.work);
    return flag < 0 ? flag : 0;
}

/* As a callback for scikit-sundae through ctypes, to measure what the callback costs. */
void rhs_pointer(double t, const double *y, double *ydot, const double *par) { RHS(t, y, ydot, par); }
