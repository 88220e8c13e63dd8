using XLLM.Contracts.Requests;

namespace XLLM.Engine.Loop;

/// <summary>Parallel samples: all draw their first token from the same logits, each with its own seed.</summary>
internal sealed partial class EngineTurn
{
    /// <summary>Hands the logits of a prompt's last row to the samples that will take the prompt over.</summary>
    private static void OfferFork(EngineRequest request)
    {
        if (request.Fork is { IsReady: true, Logits: null } fork && request.LastPromptRow is not null)
        {
            fork.Logits = request.LastPromptRow;
        }

        request.LastPromptRow = null;
    }

    /// <summary>A sample has joined the batch with its prompt computed.</summary>
    private void Forked(EngineRequest request)
    {
        float[] logits = (float[])request.PromptLogits!;
        request.PromptLogits = null;
        _metrics.Forked();
        PartResult result = StepSampler.Draw(request, logits, _forkSampler, StepSampler.DeadlineOf(_options.MaskWait));
        if (result.Verdict == PartVerdict.Late)
        {
            _planner.Repeat(request);
        }

        AcceptDrawn(request, result);
    }
}
