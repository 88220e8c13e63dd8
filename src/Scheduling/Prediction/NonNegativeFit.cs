namespace XLLM.Scheduling.Prediction;

/// <summary>
/// Least squares with coefficients >= 0 over sums, for a handful of features: the start-up profile's sums stay, later samples'
/// fade. What came later also scales the profile, which so keeps its shape on a machine that has become slower. Rows are divided by
/// what was measured, so that relative errors count alike and no unit matters. Where the samples say nothing the prior stands. One
/// thread.
/// </summary>
internal sealed class NonNegativeFit
{
    /// <summary>A later sample counts e-fold less after about 100 more.</summary>
    public const double Memory = 0.99;

    /// <summary>The start-up profile weighs at most as much as so many samples, however long it is.</summary>
    public const double MostProfileWeight = 32;

    private const double LevelMemory = 0.95;

    // A pull towards the prior that is lost among samples and decides where there are none.
    private const double Ridge = 1e-4;
    private const double Tiny = 1e-30;
    private const double LeastPivot = 1e-7;

    private readonly double[] _prior;
    private readonly Sums _profile;
    private readonly Sums _recent;
    private readonly double[] _coefficients;
    private readonly double[] _profileOnly;
    private bool _stale;
    private bool _profileStale;
    private double _level = 1;

    /// <param name="prior">A coefficient for each feature, >= 0; taken until samples say otherwise.</param>
    public NonNegativeFit(ReadOnlySpan<double> prior)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(prior.Length, 8);
        _prior = prior.ToArray();
        _coefficients = prior.ToArray();
        _profileOnly = prior.ToArray();
        _profile = new Sums(prior.Length);
        _recent = new Sums(prior.Length);
    }

    /// <summary>One for each feature, >= 0, finite.</summary>
    public ReadOnlySpan<double> Coefficients
    {
        get
        {
            if (_stale)
            {
                _stale = false;
                Solve();
            }

            return _coefficients;
        }
    }

    /// <summary>The samples tell every coefficient apart; false = some rest on the prior.</summary>
    public bool IsDetermined
    {
        get
        {
            int n = _prior.Length;
            (double[] matrix, _, _) = Scaled(ridge: 0);
            return Cholesky.LeastPivot(matrix, n) > LeastPivot;
        }
    }

    public double Predict(ReadOnlySpan<double> features) => Dot(Coefficients, features);

    private static double Dot(ReadOnlySpan<double> coefficients, ReadOnlySpan<double> features)
    {
        double sum = 0;
        for (int i = 0; i < coefficients.Length; i++)
        {
            sum += coefficients[i] * features[i];
        }

        return sum;
    }

    /// <summary>A sample of the start-up profile; <paramref name="weight"/> > 0.</summary>
    public void Anchor(ReadOnlySpan<double> features, double measured, double weight)
    {
        _profile.Add(features, measured, weight);
        _stale = _profileStale = true;
    }

    /// <summary>A later sample. <paramref name="measured"/> > 0.</summary>
    public void Observe(ReadOnlySpan<double> features, double measured)
    {
        if (_profileStale)
        {
            _profileStale = false;
            Coefficients.CopyTo(_profileOnly);
        }

        if (_profile.Weight > 0)
        {
            // Ratios are averaged as logarithms, so that half and double cancel.
            double ratio = Math.Clamp(measured / Math.Max(Tiny, Dot(_profileOnly, features)), 1e-3, 1e3);
            _level = Math.Exp((Math.Log(_level) * LevelMemory) + (Math.Log(ratio) * (1 - LevelMemory)));
        }

        _recent.Fade(Memory);
        _recent.Add(features, measured, 1);
        _stale = true;
    }

    private void Solve()
    {
        int n = _prior.Length;
        (double[] matrix, double[] right, double[] scale) = Scaled(Ridge);
        Span<double> best = stackalloc double[n];
        Span<double> solution = stackalloc double[n];
        double least = 0;

        // The optimum is the plain solution on its own support, and there are few supports.
        for (int support = 1; support < 1 << n; support++)
        {
            if (Cholesky.SolveOn(support, matrix, right, n, solution, out double objective) && objective < least)
            {
                least = objective;
                solution.CopyTo(best);
            }
        }

        for (int i = 0; i < n; i++)
        {
            _coefficients[i] = best[i] * scale[i];
        }
    }

    private (double[] Matrix, double[] Right, double[] Scale) Scaled(double ridge)
    {
        int n = _prior.Length;
        double[] matrix = new double[n * n];
        double[] right = new double[n];
        double[] scale = new double[n];
        for (int i = 0; i < n; i++)
        {
            double diagonal = Sum(i, i);
            double pull = ridge * Math.Max(diagonal, Tiny);
            right[i] = (_profile.Right[i] / _level) + _recent.Right[i] + (pull * _prior[i]);
            matrix[(i * n) + i] = diagonal + pull;
            scale[i] = 1 / Math.Sqrt(Math.Max(diagonal + pull, Tiny * Ridge));
        }

        for (int i = 0; i < n; i++)
        {
            right[i] *= scale[i];
            for (int j = 0; j < n; j++)
            {
                double sum = i == j ? matrix[(i * n) + i] : Sum(i, j);
                matrix[(i * n) + j] = sum * scale[i] * scale[j];
            }
        }

        return (matrix, right, scale);
    }

    private double Sum(int i, int j)
    {
        int at = (i * _prior.Length) + j;
        return (_profile.Matrix[at] / (_level * _level)) + _recent.Matrix[at];
    }

    private sealed class Sums(int n)
    {
        public double Weight { get; private set; }

        public double[] Matrix { get; } = new double[n * n];

        public double[] Right { get; } = new double[n];

        public void Add(ReadOnlySpan<double> features, double measured, double weight)
        {
            Weight += weight;
            double inverse = 1 / measured;
            for (int i = 0; i < n; i++)
            {
                double row = features[i] * inverse * weight;
                Right[i] += row;
                for (int j = 0; j < n; j++)
                {
                    Matrix[(i * n) + j] += row * features[j] * inverse;
                }
            }
        }

        public void Fade(double factor)
        {
            for (int i = 0; i < Matrix.Length; i++)
            {
                Matrix[i] *= factor;
            }

            for (int i = 0; i < n; i++)
            {
                Right[i] *= factor;
            }
        }
    }
}
