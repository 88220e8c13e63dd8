namespace XLLM.Engine.Tiers;

/// <summary>How fast blocks are copied up from a tier, measured: bytes a second, newer copies counting more. Any thread.</summary>
internal sealed class CopyRate(double bytesPerSecond)
{
    private const double Newest = 0.2;

    private double _rate = bytesPerSecond;

    public double SecondsFor(long bytes) => bytes / Volatile.Read(ref _rate);

    public void Measured(long bytes, TimeSpan time)
    {
        if (bytes > 0 && time > TimeSpan.Zero)
        {
            double rate = bytes / time.TotalSeconds;
            Volatile.Write(ref _rate, ((1 - Newest) * Volatile.Read(ref _rate)) + (Newest * rate));
        }
    }
}
