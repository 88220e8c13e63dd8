using XLLM.Contracts.Requests;

namespace XLLM.Gateway.Errors;

/// <summary>Refusals at the door in the terms of outcomes, so that these are counted too.</summary>
internal static class DoorOutcome
{
    public static RequestOutcome Of(ApiError error)
    {
        if (Enum.TryParse(error.Row.Name, out RequestOutcome outcome))
        {
            return outcome;
        }

        return error.Row.Status < 500 ? RequestOutcome.RejectedInvalid : RequestOutcome.EngineFailed;
    }
}
