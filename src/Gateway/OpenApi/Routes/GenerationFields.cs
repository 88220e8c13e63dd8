using System.Text.Json.Nodes;
using XLLM.Gateway.Configuration;
using XLLM.Gateway.OpenAi;

namespace XLLM.Gateway.OpenApi.Routes;

/// <summary>Fields that several requests have.</summary>
internal static class GenerationFields
{
    private const long AnyCount = GenerationParser.AnyTokenCount;

    public static Field Model() => new("model", Schema.Text(
        "Name of a served model; may be left out when there is just one.", GenerationParser.MaxModelNameLength));

    public static Field Stream() => new("stream", Schema.Flag("The answer as server-sent events."));

    public static Field TopP() => new("top_p",
        Schema.Number("Least set of best tokens whose probabilities sum to this.", 0, 1, isOpen: true));

    public static Field Salt() => new("cache_salt",
        Schema.Text("Keeps the prefix cache apart from that of other salts.", 256, 1));

    public static Field Temperature(double most) => new("temperature",
        Schema.Number("Divisor of the logits; 0 takes the best token.", 0, most));

    /// <summary>How a request wants to be served.</summary>
    public static Field[] Operation() =>
    [
        new("priority", Schema.Any(
            "Class, or vLLM's number: below 0 interactive, 0 normal, above 0 batch.",
            Schema.Choice("", "interactive", "normal", "batch"), Schema.Integer("", int.MinValue, int.MaxValue))),
        new("service_tier", Schema.Text("OpenAI's: 'flex' is batch, 'priority' is interactive, anything else normal.", 64)),
        new("ttft_slo_ms", Schema.Number("Wanted time to the first token.", 0.001, 3_600_000)),
        new("tpot_slo_ms", Schema.Number("Wanted time for each further token.", 0.001, 3_600_000)),
    ];

    /// <summary>What chat and completions have in common.</summary>
    public static Field[] Shared(GatewayOptions options) =>
    [
        Model(),
        Stream(),
        new Field("stream_options", Schema.Input("Of a stream.",
        [
            new("include_usage", Schema.Flag("A last event with the usage.")),
            new("continuous_usage_stats", Schema.Flag("The usage so far in every event.")),
        ])).Beside(new JsonObject { ["stream"] = true }),
        new("max_completion_tokens", Schema.Integer("Most tokens to generate; takes precedence over max_tokens.", 1, AnyCount)),
        new("max_tokens", Schema.Integer("Most tokens to generate.", 1, AnyCount)),
        new Field("min_tokens", Schema.Integer("No end before so many tokens; at most max_tokens.", 0, AnyCount))
            .Beside(new JsonObject { ["max_tokens"] = AnyCount }),
        new("n", Schema.Integer("Continuations of each prompt.", 1, options.MaxChoices)),
        new("seed", Schema.Integer("The same seed, prompt and options give the same tokens.", long.MinValue, long.MaxValue)),
        Temperature(2),
        TopP(),
        new("top_k", Schema.Integer("Only so many best tokens; -1 and 0 = all.", -1, int.MaxValue)),
        new("min_p", Schema.Number("Only tokens with at least this share of the best one's probability.", 0, 1)),
        new("presence_penalty", Schema.Number("Taken off once from tokens that were generated.", -2, 2)),
        new("frequency_penalty", Schema.Number("Taken off for each time a token was generated.", -2, 2)),
        new("repetition_penalty", Schema.Number("Divides the logits of tokens in prompt and output.", 0, 2, isOpen: true)),
        new("logit_bias",
            Schema.Map("Added to logits; names are token ids.", Schema.Number("", -100, 100), 1024).With("propertyNames", new JsonObject { ["pattern"] = "^[0-9]{1,9}$" })),
        new("stop", Schema.Any(
            "Texts that end the output.", Schema.Text("", 256, 1), Schema.List("", Schema.Text("", 256, 1), 16))),
        new("stop_token_ids", Schema.List("Tokens that end the output.", Schema.Integer("", 0, int.MaxValue), 256)),
        new("include_stop_str_in_output", Schema.Flag("The stop text is part of the output.")),
        new("ignore_eos", Schema.Flag("The model's own end tokens do not end the output.")),
        new("skip_special_tokens", Schema.Flag("Special tokens are left out of the text.", absent: true)),
        Salt(),
        .. Operation(),
        .. StructureFields.OfText,
    ];

    /// <summary>Names that are known and refused.</summary>
    public static string[] Refused => ["best_of", .. UnsupportedFields.Names];
}
