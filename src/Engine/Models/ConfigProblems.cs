using XLLM.Formats;

namespace XLLM.Engine.Models;

/// <summary>Collects what is wrong with a configuration, so that it can be said at once.</summary>
internal sealed class ConfigProblems(string file)
{
    private const int MostShown = 20;

    private readonly List<string> _problems = [];

    public void Add(string problem) => _problems.Add(problem);

    /// <summary>Adds a problem and returns the fallback unless least &lt;= value &lt;= most.</summary>
    public int Range(string name, long value, int least, int most)
    {
        if (value >= least && value <= most)
        {
            return (int)value;
        }

        Add($"{name} is {value}; {least} to {most} was expected");
        return least;
    }

    /// <summary>As <see cref="Range"/>, for real numbers; NaN is out of range.</summary>
    public double RealRange(string name, double value, double least, double most)
    {
        if (value >= least && value <= most)
        {
            return value;
        }

        Add(FormattableString.Invariant($"{name} is {value}; {least} to {most} was expected"));
        return least;
    }

    /// <summary>Throws one <see cref="ModelFormatException"/> with all that was added.</summary>
    public void Throw()
    {
        if (_problems.Count > 0)
        {
            string more = _problems.Count > MostShown ? $"; and {_problems.Count - MostShown} more" : "";
            throw new ModelFormatException(
                file, $"this model cannot be used: {string.Join("; ", _problems.Take(MostShown))}{more}");
        }
    }
}
