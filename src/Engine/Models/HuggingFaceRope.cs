namespace XLLM.Engine.Models;

/// <summary>Reads the rotary embedding of config.json, old form and new.</summary>
internal static class HuggingFaceRope
{
    private const double MaxTheta = 1e15;
    private const double MaxFactor = 1e6;

    public static RopeConfig Read(ConfigJson json, int context)
    {
        ConfigJson? parameters = json.Object("rope_parameters");
        ConfigJson? scaling = parameters ?? json.Object("rope_scaling");
        double theta = parameters is not null && parameters.Has("rope_theta")
            ? parameters.Real("rope_theta", 1e-3, MaxTheta)
            : json.Real("rope_theta", 1e-3, MaxTheta, 10_000);
        double partial = (parameters ?? json).Real("partial_rotary_factor", 0, 1, 1);
        if (partial != 1)
        {
            json.Problems.Add(
                FormattableString.Invariant($"partial_rotary_factor is {partial}; only 1 is supported for this family"));
        }

        string type = scaling?.Text("rope_type") ?? scaling?.Text("type") ?? "default";
        var rope = new RopeConfig { Theta = theta };
        switch (type)
        {
            case "default":
                return rope;
            case "linear":
                return rope with { Scaling = RopeScaling.Linear, Factor = scaling!.Real("factor", 1e-3, MaxFactor) };
            case "llama3":
                return Llama3(rope, scaling!, context);
            case "yarn":
                return Yarn(rope, scaling!, context);
            default:
                json.Problems.Add($"rope scaling '{type}' is not supported; default, linear, llama3 and yarn are");
                return rope;
        }
    }

    private static RopeConfig Llama3(RopeConfig rope, ConfigJson scaling, int context) => rope with
    {
        Scaling = RopeScaling.Llama3,
        Factor = scaling.Real("factor", 1e-3, MaxFactor),
        LowFrequencyFactor = scaling.Real("low_freq_factor", 1e-6, MaxFactor),
        HighFrequencyFactor = scaling.Real("high_freq_factor", 1e-6, MaxFactor),
        OriginalContext = scaling.Int("original_max_position_embeddings", 1, ConfigChecks.MaxContext, context),
    };

    private static RopeConfig Yarn(RopeConfig rope, ConfigJson scaling, int context)
    {
        int original = scaling.Int("original_max_position_embeddings", 1, ConfigChecks.MaxContext, context);
        return rope with
        {
            Scaling = RopeScaling.Yarn,
            Factor = scaling.Real("factor", 1e-3, MaxFactor, (double)context / original),
            OriginalContext = original,
            BetaFast = scaling.Real("beta_fast", 1e-6, MaxFactor, 32),
            BetaSlow = scaling.Real("beta_slow", 1e-6, MaxFactor, 1),
            Truncate = scaling.Bool("truncate", true),
            AttentionFactor = scaling.OptionalReal("attention_factor", 1e-6, MaxFactor),
            Mscale = scaling.OptionalReal("mscale", 0, MaxFactor),
            MscaleAllDim = scaling.OptionalReal("mscale_all_dim", 0, MaxFactor),
        };
    }
}
