namespace XLLM.Cli.Bench.Serve;

/// <summary>A request of a load: when it is sent, seconds after the start; the prompt as token ids; tokens wanted.</summary>
internal sealed record ServeRequest(double Arrival, int[] Prompt, int OutputTokens);
