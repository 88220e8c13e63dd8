using XLLM.Engine.Sampling;
using XLLM.Scheduling.Batching;

namespace XLLM.Engine.Loop;

/// <summary>Gives a prompt's tokens their log probabilities: the row of a position scores the token after it.</summary>
internal static class PromptScorer
{
    /// <summary>Scores what the part's rows allow. Every row of the part has logits, from output <paramref name="row"/> on.</summary>
    public static void Score(EngineRequest request, StepPart part, int row, StepExecutor executor, Sampler sampler)
    {
        for (int i = 0; i < part.Outputs; i++)
        {
            int next = request.Computed + i + 1;
            if (next < request.PromptLength && next == request.ScoredPrompt + 1)
            {
                request.ScoredTokens![next] =
                    sampler.Describe(executor.Row(row + i), request.Tokens[next], request.Request.Logprobs.Top);
                request.ScoredPrompt = next;
            }
        }
    }
}
