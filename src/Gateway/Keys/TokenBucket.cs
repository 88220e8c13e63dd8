namespace XLLM.Gateway.Keys;

/// <summary>A budget a minute that fills evenly. What an answer cost is known at its end, so it may go below zero. Any thread.</summary>
internal sealed class TokenBucket
{
    private readonly Lock _lock = new();
    private readonly double _perMinute;
    private readonly TimeProvider _time;
    private double _left;
    private long _at;

    public TokenBucket(double perMinute, TimeProvider time)
    {
        _perMinute = _left = perMinute;
        _time = time;
        _at = time.GetTimestamp();
    }

    /// <summary>What is left now.</summary>
    public double Left
    {
        get
        {
            lock (_lock)
            {
                Fill();
                return _left;
            }
        }
    }

    /// <summary>Takes an amount if so much is there, else says how long until it is.</summary>
    public TimeSpan? TryTake(double amount)
    {
        lock (_lock)
        {
            Fill();
            if (_left >= amount)
            {
                _left -= amount;
                return null;
            }

            return TimeSpan.FromMinutes((amount - _left) / _perMinute);
        }
    }

    /// <summary>Takes an amount, whether it is there or not; a negative one gives it back.</summary>
    public void Take(double amount)
    {
        lock (_lock)
        {
            Fill();
            _left = Math.Min(_left - amount, _perMinute);
        }
    }

    private void Fill()
    {
        long now = _time.GetTimestamp();
        _left = Math.Min(_perMinute, _left + (_time.GetElapsedTime(_at, now).TotalMinutes * _perMinute));
        _at = now;
    }
}
