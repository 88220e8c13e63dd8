namespace XLLM.Simulator.Load;

/// <summary>Requests at exponentially distributed gaps, with lengths drawn evenly around their means.</summary>
public static class PoissonLoad
{
    /// <summary>Lengths lie between half and one and a half times the mean. The same seed gives the same load.</summary>
    public static SimArrival[] Of(int count, double rate, int meanPrompt, int meanOutput, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rate);
        Random chance = new(seed);
        var load = new SimArrival[count];
        double now = 0;
        for (int i = 0; i < count; i++)
        {
            load[i] = new SimArrival(now, Length(chance, meanPrompt), Length(chance, meanOutput));
            now -= Math.Log(1 - chance.NextDouble()) / rate;
        }

        return load;
    }

    private static int Length(Random chance, int mean) => Math.Max(1, (int)(mean * (0.5 + chance.NextDouble())));
}
