using XLLM.Contracts.Fleet;

namespace XLLM.Engine.Loop;

/// <summary>
/// Latencies since they were last taken: the latest few, in memory that is used again. The engine's thread adds, whoever reports
/// takes.
/// </summary>
internal sealed class LatencySamples
{
    private const int Kept = 16;

    private readonly object _lock = new();
    private readonly PrefillSample[] _prefill = new PrefillSample[Kept];
    private readonly DecodeSample[] _decode = new DecodeSample[Kept];
    private int _prefills;
    private int _decodes;
    private long _tokens;
    private double _tokenSeconds;
    private double _maxTtft = double.NaN;

    public void Add(PrefillSample sample)
    {
        lock (_lock)
        {
            _prefill[_prefills++ % Kept] = sample;
        }
    }

    public void Add(DecodeSample sample)
    {
        lock (_lock)
        {
            _decode[_decodes++ % Kept] = sample;
        }
    }

    /// <summary>Tokens that followed others of their requests, and the sum of the times between; the longest time to a first token.</summary>
    public void Add(long tokens, double seconds, double maxTtft)
    {
        if (tokens == 0 && double.IsNaN(maxTtft))
        {
            return;
        }

        lock (_lock)
        {
            _tokens += tokens;
            _tokenSeconds += seconds;
            _maxTtft = double.MaxNumber(_maxTtft, maxTtft);
        }
    }

    /// <summary>What was added since the last call.</summary>
    public (LatencyProfile Recent, double TokenSeconds, double MaxTtft) Take()
    {
        lock (_lock)
        {
            LatencyProfile recent = _prefills + _decodes == 0 ? LatencyProfile.Empty : new LatencyProfile
            {
                Prefill = [.. _prefill.AsSpan(0, Math.Min(_prefills, Kept))],
                Decode = [.. _decode.AsSpan(0, Math.Min(_decodes, Kept))],
            };
            (LatencyProfile, double, double) taken = (recent, _tokens == 0 ? double.NaN : _tokenSeconds / _tokens, _maxTtft);
            (_prefills, _decodes, _tokens, _tokenSeconds, _maxTtft) = (0, 0, 0, 0, double.NaN);
            return taken;
        }
    }
}
