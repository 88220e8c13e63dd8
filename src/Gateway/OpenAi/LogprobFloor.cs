namespace XLLM.Gateway.OpenAi;

/// <summary>JSON has no infinity: a probability of 0 is written as OpenAI and vLLM do.</summary>
internal static class LogprobFloor
{
    public const float Lowest = -9999;

    public static float Clamp(float logprob) => float.IsNaN(logprob) ? Lowest : Math.Clamp(logprob, Lowest, 0);
}
