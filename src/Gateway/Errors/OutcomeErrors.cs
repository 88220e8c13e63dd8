using System.Collections.Immutable;
using XLLM.Contracts.Requests;

namespace XLLM.Gateway.Errors;

/// <summary>The one place that maps outcomes to HTTP. docs/errors.md is this table in words, checked by a test.</summary>
internal static class OutcomeErrors
{
    private const string Invalid = "invalid_request_error";
    private const string Server = "server_error";

    /// <summary>A row for every outcome that is an error, in the order of the enum.</summary>
    public static readonly ImmutableArray<ErrorRow> Rows =
    [
        new(nameof(RequestOutcome.Cancelled), 499, Invalid, "request_cancelled", Retry: false),
        new(nameof(RequestOutcome.RejectedInvalid), 400, Invalid, "invalid_value", Retry: false),
        new(nameof(RequestOutcome.RejectedTooLong), 400, Invalid, "context_length_exceeded", Retry: false),
        new(nameof(RequestOutcome.RejectedCapacity), 429, "rate_limit_error", "queue_full", Retry: true),
        new(nameof(RequestOutcome.ExpiredInQueue), 503, Server, "queue_timeout", Retry: true),
        new(nameof(RequestOutcome.ModelNotFound), 404, Invalid, "model_not_found", Retry: false),
        new(nameof(RequestOutcome.NoInstance), 503, Server, "no_instance", Retry: true),
        new(nameof(RequestOutcome.EngineFailed), 500, Server, "engine_failed", Retry: false),
        new(nameof(RequestOutcome.InstanceLost), 503, Server, "instance_lost", Retry: true),
        new(nameof(RequestOutcome.TimedOut), 504, Server, "generation_timeout", Retry: false),
    ];

    private static readonly ImmutableDictionary<string, ErrorRow> ByName = Rows.ToImmutableDictionary(r => r.Name);

    /// <summary>True for the two outcomes that answer 200.</summary>
    public static bool IsSuccess(RequestOutcome outcome) =>
        outcome is RequestOutcome.CompletedStop or RequestOutcome.CompletedLength;

    /// <summary>The row of an outcome; one that is not an error is a fault of ours and answers as such.</summary>
    public static ErrorRow RowOf(RequestOutcome outcome) =>
        ByName.TryGetValue(outcome.ToString(), out ErrorRow? row) ? row : DoorErrors.Unexpected;

    /// <summary>
    /// The error a client sees. The message of a refusal is passed on; that of a failure inside the house is not, it may name
    /// paths, addresses or instances.
    /// </summary>
    public static ApiError ToError(RequestOutcome outcome, string? message, TimeSpan? retryAfter = null)
    {
        ErrorRow row = RowOf(outcome);
        return new ApiError(row, row.Status < 500 && !string.IsNullOrEmpty(message) ? message : Describe(outcome))
        {
            Param = outcome == RequestOutcome.ModelNotFound ? "model" : null,
            RetryAfter = retryAfter,
        };
    }

    private static string Describe(RequestOutcome outcome) => outcome switch
    {
        RequestOutcome.Cancelled => "The request was cancelled.",
        RequestOutcome.RejectedInvalid => "The request is not valid.",
        RequestOutcome.RejectedTooLong => "The prompt and the wanted output do not fit the model's context.",
        RequestOutcome.RejectedCapacity => "All queues are full. Try again later.",
        RequestOutcome.ExpiredInQueue => "The request waited longer than its deadline. Try again later.",
        RequestOutcome.ModelNotFound => "The model does not exist.",
        RequestOutcome.NoInstance => "No instance of the model can take work now. Try again later.",
        RequestOutcome.EngineFailed => "The engine failed while working on the request.",
        RequestOutcome.InstanceLost => "The instance that worked on the request went away. Try again.",
        RequestOutcome.TimedOut => "The request took longer than this server allows (Gateway:RequestTimeout). Ask for fewer tokens.",
        _ => "Something went wrong inside the server.",
    };
}
