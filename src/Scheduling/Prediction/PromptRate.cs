namespace XLLM.Scheduling.Prediction;

/// <summary>
/// Prompt tokens an instance computes a second, from the counts in its reports; newer ones count more. One thread.
/// </summary>
public sealed class PromptRate
{
    /// <summary>A report counts e-fold less after so many seconds.</summary>
    public const double MemorySeconds = 5;

    // Two reports closer together than this say more of their moments than of the rate.
    private const double LeastSeconds = 1e-3;

    private double _rate;
    private double _seconds;
    private (DateTimeOffset At, long Tokens)? _last;

    /// <summary>Tokens a second; NaN until two reports are known.</summary>
    public double TokensPerSecond => _seconds > 0 ? _rate : double.NaN;

    /// <summary>A report of that moment says that so many were computed since the instance's start.</summary>
    public void Add(DateTimeOffset at, long tokens)
    {
        if (_last is not { } last || tokens < last.Tokens)
        {
            _last = (at, tokens);
            return;
        }

        double seconds = (at - last.At).TotalSeconds;
        if (seconds < LeastSeconds)
        {
            return;
        }

        // The mean over what is known until that is as long as the memory, so that the first seconds are not taken for idleness.
        double known = Math.Min(_seconds, MemorySeconds);
        double weight = known > 0 ? 1 - Math.Exp(-seconds / known) : 1;
        _rate += weight * (((tokens - last.Tokens) / seconds) - _rate);
        _seconds += seconds;
        _last = (at, tokens);
    }
}
