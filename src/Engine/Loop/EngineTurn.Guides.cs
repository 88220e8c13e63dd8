using XLLM.Contracts.Requests;
using XLLM.Engine.Structures;

namespace XLLM.Engine.Loop;

/// <summary>Requests whose next token waits for a mask: they are in no step meanwhile, and keep nobody waiting.</summary>
internal sealed partial class EngineTurn
{
    private readonly List<EngineRequest> _guided = [];

    /// <summary>Leaves the request out of steps while its guide is at work.</summary>
    private void AwaitGuide(EngineRequest request)
    {
        if (request.Guide is { } guide && !request.IsFinished)
        {
            request.AwaitsGuide = request.Paused = true;
            _guided.Add(request);
            guide.Tell();
        }
    }

    /// <summary>Lets those go on whose guides are ready. True when there were any.</summary>
    private bool TakeGuides()
    {
        bool any = false;
        for (int i = _guided.Count - 1; i >= 0; i--)
        {
            EngineRequest request = _guided[i];
            GuideStage stage = request.Guide!.Stage;
            if (stage == GuideStage.Working)
            {
                continue;
            }

            _guided.RemoveAt(i);
            request.AwaitsGuide = false;
            any = true;
            if (stage == GuideStage.Failed)
            {
                Refuse(request);
            }
            else
            {
                Wish(request);
            }
        }

        return any;
    }

    private void Refuse(EngineRequest request)
    {
        RequestOutcome outcome = request.Accepted == 0 ? RequestOutcome.RejectedInvalid : RequestOutcome.EngineFailed;
        End(request, outcome, error: request.Guide!.Error);
    }
}
