using XLLM.Contracts.Fleet;
using XLLM.Contracts.Ids;
using XLLM.Scheduling.Prediction;
using XLLM.Scheduling.Routing;

namespace XLLM.Scheduling.Fleet;

/// <summary>An instance's work at one moment, as reports and the router's own ledger tell it, with its predictor.</summary>
public sealed class InstanceView
{
    private const double UsualPrompt = 256;
    private const double MostPromptShare = 0.95;

    /// <summary>Reads the newest report and adds what the router knows beyond it; counts never fall below 0.</summary>
    public InstanceView(InstanceStatus status, Assigned assigned, LatencyPredictor latency)
    {
        LoadReport load = status.Load;
        Status = status;
        Latency = latency;
        PrefillRequests = Math.Max(0, load.Waiting + load.Prefilling + assigned.Prefills);
        PrefillTokens = PrefillRequests == 0 ? 0 : Math.Max(0, load.PendingPrefillTokens + assigned.PromptTokens);
        DecodeRequests = Math.Max(0, load.Running - load.Prefilling + assigned.Decodes);
        KvTokens = DecodeRequests + PrefillRequests == 0 ? 0 : Math.Max(0, load.RunningTokens + assigned.KvTokens);
    }

    public InstanceStatus Status { get; }

    public LatencyPredictor Latency { get; }

    public InstanceId Id => Status.Descriptor.Id;

    /// <summary>Requests that wait for or compute their prompt.</summary>
    public int PrefillRequests { get; }

    /// <summary>Prompt tokens of theirs to compute.</summary>
    public long PrefillTokens { get; }

    /// <summary>Requests that generate, or soon will.</summary>
    public int DecodeRequests { get; }

    /// <summary>Tokens of KV in its batch: what the report calls running tokens.</summary>
    public long KvTokens { get; }

    /// <summary>Tokens its KV pool holds.</summary>
    public long CapacityTokens => (long)Status.Descriptor.TotalBlocks * Status.Descriptor.BlockTokens;

    /// <summary>Mean time between two tokens as monitored; NaN = none lately.</summary>
    public double TokenSeconds => Status.Load.TokenSeconds;

    /// <summary>Predicted time of a step that decodes its batch and nothing else, seconds; 0 when it decodes nothing.</summary>
    public double DecodeStepSeconds => DecodeRequests == 0 ? 0 : Latency.Tpot.Seconds(KvTokens, DecodeRequests);

    /// <summary>
    /// Predicted time until its present prompts are computed, seconds: each prompt by the predictor as one of the mean length,
    /// and the decodes that ride along in each of the steps, of <paramref name="chunkTokens"/> prompt tokens.
    /// </summary>
    public double QueueSeconds(int chunkTokens)
    {
        if (PrefillTokens == 0)
        {
            return 0;
        }

        double prompts = Math.Max(1, PrefillRequests);
        return (prompts * Latency.Ttft.Seconds(Math.Max(1, (long)(PrefillTokens / prompts)), 0))
            + RideSeconds(PrefillTokens, prompts, chunkTokens);
    }

    /// <summary>
    /// What its decodes add to the computing of so many prompt tokens in so many prompts: they ride along in every step, for what
    /// they cost beyond an empty step.
    /// </summary>
    public double RideSeconds(long promptTokens, double prompts, int chunkTokens)
    {
        if (DecodeRequests == 0)
        {
            return 0;
        }

        double steps = Math.Max(prompts, (double)promptTokens / chunkTokens);
        return steps * Math.Max(0, DecodeStepSeconds - Latency.Tpot.Coefficients[0]);
    }

    /// <summary>
    /// Share of its time that prompts take, 0..0.95, by what it computed lately; NaN = it has not reported for long enough.
    /// </summary>
    public double PromptShare
    {
        get
        {
            double rate = Latency.Prompts.TokensPerSecond;
            if (double.IsNaN(rate))
            {
                return double.NaN;
            }

            // Prompts as long as its present ones, or usual ones.
            double length = PrefillRequests > 0 ? Math.Max(1, (double)PrefillTokens / PrefillRequests) : UsualPrompt;
            // A step that decodes too has its fixed cost anyway.
            double prompt = Math.Max(0, Latency.Ttft.Seconds((long)length, 0) - Latency.Ttft.Coefficients[0]);
            return Math.Clamp(rate / length * prompt, 0, MostPromptShare);
        }
    }

    /// <summary>
    /// Predicted mean time between two tokens of a request that joins with so many tokens of KV: a step of the batch, stretched by
    /// the share of time that prompts take; at most a step beside <paramref name="chunkTokens"/> of them, which it is taken to be
    /// as long as that share is not known.
    /// </summary>
    public double IntervalSeconds(int chunkTokens, long moreTokens)
    {
        double most = MixedStepSeconds(chunkTokens, 1, moreTokens);
        double share = PromptShare;
        return double.IsNaN(share)
            ? most
            : Math.Min(most, Latency.Tpot.Seconds(KvTokens + moreTokens, DecodeRequests + 1) / (1 - share));
    }

    /// <summary>
    /// Predicted time between two tokens of its batch while it also computes prompts, <paramref name="chunkTokens"/> of them a
    /// step, with so many more sequences and tokens in the batch.
    /// </summary>
    public double MixedStepSeconds(int chunkTokens, int moreSequences, long moreTokens)
    {
        double decode = Latency.Tpot.Seconds(KvTokens + moreTokens, DecodeRequests + moreSequences);
        double chunk = Latency.Ttft.Seconds(chunkTokens, 0);

        // One step has one fixed cost; both predictors contain it.
        return decode + chunk - Math.Min(Latency.Ttft.Coefficients[0], Latency.Tpot.Coefficients[0]);
    }
}
