/* CVODE (SUNDIALS 7) on the coupled skin model, driven from C, with a choice of linear solvers.
 *
 * Prototypes are declared here because the wheel that ships the libraries ships no headers.
 * `RHS(t, y, ydot, par)` is translated from the model's jaxpr and compiled with this file.
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef void *Ctx, *Vec, *Mat, *Lin, *Mem;
typedef int32_t idx; /* as the wheel was built */
int SUNContext_Create(int comm, Ctx *ctx);
int SUNContext_Free(Ctx *ctx);
Vec N_VNew_Serial(idx n, Ctx ctx);
double *N_VGetArrayPointer(Vec v);
void N_VDestroy(Vec v);
Mat SUNDenseMatrix(idx rows, idx columns, Ctx ctx);
double *SUNDenseMatrix_Column(Mat a, idx j);
Mat SUNBandMatrix(idx n, idx upper, idx lower, Ctx ctx);
double *SUNBandMatrix_Column(Mat a, idx j);
Mat SUNSparseMatrix(idx rows, idx columns, idx count, int type, Ctx ctx);
idx *SUNSparseMatrix_IndexPointers(Mat a);
idx *SUNSparseMatrix_IndexValues(Mat a);
double *SUNSparseMatrix_Data(Mat a);
int SUNMatZero(Mat a);
void SUNMatDestroy(Mat a);
Lin SUNLinSol_Dense(Vec y, Mat a, Ctx ctx);
Lin SUNLinSol_LapackDense(Vec y, Mat a, Ctx ctx);
Lin SUNLinSol_Band(Vec y, Mat a, Ctx ctx);
Lin SUNLinSol_LapackBand(Vec y, Mat a, Ctx ctx);
Lin SUNLinSol_SuperLUMT(Vec y, Mat a, int threads, Ctx ctx);
int SUNLinSol_SuperLUMTSetOrdering(Lin s, int ordering);
Lin SUNLinSol_SPGMR(Vec y, int side, int max_vectors, Ctx ctx);
int SUNLinSolFree(Lin s);
Mem CVodeCreate(int method, Ctx ctx);
int CVodeInit(Mem m, int (*f)(double, Vec, Vec, void *), double t0, Vec y0);
int CVodeReInit(Mem m, double t0, Vec y0);
int CVodeSetUserData(Mem m, void *data);
int CVodeSStolerances(Mem m, double rtol, double atol);
int CVodeSetLinearSolver(Mem m, Lin s, Mat a);
int CVodeSetJacFn(Mem m, int (*j)(double, Vec, Vec, Mat, void *, Vec, Vec, Vec));
int CVBandPrecInit(Mem m, idx n, idx upper, idx lower);
int CVodeSetMaxNumSteps(Mem m, long n);
int CVodeSetStopTime(Mem m, double t);
int CVode(Mem m, double tout, Vec y, double *t, int task);
int CVodeGetNumSteps(Mem m, long *n);
int CVodeGetNumErrTestFails(Mem m, long *n);
int CVodeGetNumRhsEvals(Mem m, long *n);
int CVodeGetNumLinRhsEvals(Mem m, long *n);
int CVodeGetNumLinSolvSetups(Mem m, long *n);
int CVodeGetNumJacEvals(Mem m, long *n);
int CVodeGetNumLinIters(Mem m, long *n);
int CVBandPrecGetNumRhsEvals(Mem m, long *n);
void CVodeFree(Mem *m);

void RHS(double t, const double *y, double *ydot, const double *par);

enum { DENSE, LAPACK_DENSE, SPARSE, KRYLOV, BAND, LAPACK_BAND };

typedef struct {
    idx size;
    int linear, num_colours;
    const int32_t *colour; /* of each column */
    const idx *start, *row; /* rows of each column's structural non-zeros */
    double *work, *rate, *step;
    long num_rhs;
} Data;

static int rhs(double t, Vec y, Vec ydot, void *user)
{
    (void)user;
    RHS(t, N_VGetArrayPointer(y), N_VGetArrayPointer(ydot), NULL);
    return 0;
}

/* Where the entries of column j go, so that row r stands at [r] or, sparse, the k-th at [k]. */
static double *column_of(Data *d, Mat a, idx j)
{
    if (d->linear == SPARSE) return SUNSparseMatrix_Data(a);
    if (d->linear == BAND || d->linear == LAPACK_BAND) return SUNBandMatrix_Column(a, j) - j;
    return SUNDenseMatrix_Column(a, j);
}

/* Differences, one right-hand side per colour of the exact sparsity. */
static int jacobian(double t, Vec y, Vec ydot, Mat a, void *user, Vec w1, Vec w2, Vec w3)
{
    Data *d = user;
    const double *state = N_VGetArrayPointer(y), *rate = N_VGetArrayPointer(ydot);
    (void)w1, (void)w2, (void)w3;
    if (d->linear == SPARSE) {
        /* CVODE turned the matrix into I - gamma J in place; its pattern is the same. */
        memcpy(SUNSparseMatrix_IndexPointers(a), d->start, (d->size + 1) * sizeof(idx));
        memcpy(SUNSparseMatrix_IndexValues(a), d->row, d->start[d->size] * sizeof(idx));
    } else {
        SUNMatZero(a);
    }
    memcpy(d->work, state, d->size * sizeof(double));
    for (int c = 0; c < d->num_colours; c++) {
        for (idx j = 0; j < d->size; j++)
            if (d->colour[j] == c) {
                d->step[j] = 1.5e-8 * fmax(fabs(state[j]), 1e-4);
                d->work[j] = state[j] + d->step[j];
            }
        RHS(t, d->work, d->rate, NULL);
        d->num_rhs++;
        for (idx j = 0; j < d->size; j++)
            if (d->colour[j] == c) {
                double *column = column_of(d, a, j), inverse = 1.0 / d->step[j];
                for (idx k = d->start[j]; k < d->start[j + 1]; k++) {
                    idx r = d->row[k];
                    column[d->linear == SPARSE ? k : r] = (d->rate[r] - rate[r]) * inverse;
                }
                d->work[j] = state[j];
            }
    }
    return 0;
}

/* Integrate through segments, adding row k of `jumps` at boundary k.
 * linear: see the enum. upper, lower: half-bandwidths of the matrix or of the preconditioner.
 * stats: steps, failed error tests, right-hand sides of steps, of Jacobians and products,
 * set-ups, Jacobians, linear iterations. Returns 0, or CVODE's flag. */
int coupled_run(idx size, const double *y0, int num_segments, const double *boundaries,
                const double *jumps, int num_saves, const double *saves, double *out, double rtol,
                double atol, int linear, idx upper, idx lower, int num_colours,
                const int32_t *colour, const idx *start, const idx *row, long *stats)
{
    Ctx ctx;
    Data d = {size, linear, num_colours, colour, start, row, NULL, NULL, NULL, 0};
    double t;
    int flag = 0, cursor = 0;
    if (SUNContext_Create(0, &ctx)) return -1000;
    d.work = malloc(3 * size * sizeof(double));
    d.rate = d.work + size;
    d.step = d.rate + size;
    Vec y = N_VNew_Serial(size, ctx);
    memcpy(N_VGetArrayPointer(y), y0, size * sizeof(double));
    Mat a = NULL;
    Lin s;
    switch (linear) {
    case DENSE:
    case LAPACK_DENSE:
        a = SUNDenseMatrix(size, size, ctx);
        s = linear == DENSE ? SUNLinSol_Dense(y, a, ctx) : SUNLinSol_LapackDense(y, a, ctx);
        break;
    case SPARSE:
        a = SUNSparseMatrix(size, size, start[size], 0, ctx); /* compressed columns */
        memcpy(SUNSparseMatrix_IndexPointers(a), start, (size + 1) * sizeof(idx));
        memcpy(SUNSparseMatrix_IndexValues(a), row, start[size] * sizeof(idx));
        s = SUNLinSol_SuperLUMT(y, a, 1, ctx);
        if (s) SUNLinSol_SuperLUMTSetOrdering(s, 3); /* by approximate degree; it says nothing */
        break;
    case KRYLOV:
        s = SUNLinSol_SPGMR(y, 1, 0, ctx); /* preconditioned from the left */
        break;
    default:
        a = SUNBandMatrix(size, upper, lower, ctx);
        s = linear == BAND ? SUNLinSol_Band(y, a, ctx) : SUNLinSol_LapackBand(y, a, ctx);
    }
    if (!s) return -1001;
    Mem m = CVodeCreate(2, ctx); /* BDF */
    CVodeInit(m, rhs, boundaries[0], y);
    CVodeSetUserData(m, &d);
    CVodeSStolerances(m, rtol, atol);
    if ((flag = CVodeSetLinearSolver(m, s, a))) return flag;
    if (linear == KRYLOV) flag = CVBandPrecInit(m, size, upper, lower);
    else flag = CVodeSetJacFn(m, jacobian);
    if (flag) return flag;
    CVodeSetMaxNumSteps(m, 1000000);
    memset(stats, 0, 7 * sizeof(long));
    for (int k = 0; k < num_segments && flag >= 0; k++) {
        long n, band = 0;
        double *now = N_VGetArrayPointer(y);
        for (idx j = 0; j < size; j++) now[j] += jumps[k * size + j];
        CVodeReInit(m, boundaries[k], y);
        CVodeSetStopTime(m, boundaries[k + 1]);
        while (cursor < num_saves && saves[cursor] <= boundaries[k + 1] && flag >= 0) {
            flag = CVode(m, saves[cursor], y, &t, 1);
            memcpy(out + size * cursor++, N_VGetArrayPointer(y), size * sizeof(double));
        }
        if (flag >= 0 && (cursor == 0 || saves[cursor - 1] < boundaries[k + 1]))
            flag = CVode(m, boundaries[k + 1], y, &t, 1);
        CVodeGetNumSteps(m, &n), stats[0] += n;
        CVodeGetNumErrTestFails(m, &n), stats[1] += n;
        CVodeGetNumRhsEvals(m, &n), stats[2] += n;
        CVodeGetNumLinRhsEvals(m, &n), stats[3] += n;
        if (linear == KRYLOV) CVBandPrecGetNumRhsEvals(m, &band), stats[3] += band;
        CVodeGetNumLinSolvSetups(m, &n), stats[4] += n;
        CVodeGetNumJacEvals(m, &n), stats[5] += n;
        CVodeGetNumLinIters(m, &n), stats[6] += n;
    }
    stats[3] += d.num_rhs;
    CVodeFree(&m);
    SUNLinSolFree(s);
    if (a) SUNMatDestroy(a);
    N_VDestroy(y);
    SUNContext_Free(&ctx);
    free(d.work);
    return flag < 0 ? flag : 0;
}

/* Seconds are taken outside; this keeps the calling language out of them. */
void repeat_rhs(int count, const double *y, double *ydot)
{
    for (int k = 0; k < count; k++) RHS(0.0, y, ydot, NULL);
}
