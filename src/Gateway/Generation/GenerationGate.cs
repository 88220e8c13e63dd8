using XLLM.Contracts.Requests;
using XLLM.Gateway.Configuration;
using XLLM.Gateway.Errors;

namespace XLLM.Gateway.Generation;

/// <summary>Bounds the generations in flight through this gateway. Any thread.</summary>
internal sealed class GenerationGate(GatewayOptions options)
{
    private int _inFlight;

    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Takes places; give the result back by disposing it.</summary>
    /// <exception cref="ApiException">Not so many are left: 429.</exception>
    public IDisposable Enter(int count)
    {
        if (Interlocked.Add(ref _inFlight, count) > options.MaxGenerations)
        {
            Interlocked.Add(ref _inFlight, -count);
            throw new ApiException(OutcomeErrors.ToError(
                RequestOutcome.RejectedCapacity,
                $"This gateway takes {options.MaxGenerations} generations at a time, and they are all in use. Try again later."));
        }

        return new Places(this, count);
    }

    private sealed class Places(GenerationGate gate, int count) : IDisposable
    {
        private int _held = count;

        public void Dispose() => Interlocked.Add(ref gate._inFlight, -Interlocked.Exchange(ref _held, 0));
    }
}
