using System.Collections.Immutable;

namespace XLLM.Gateway.Errors;

/// <summary>Refusals that happen before a request exists: at the HTTP door.</summary>
internal static class DoorErrors
{
    private const string Invalid = "invalid_request_error";

    public static readonly ErrorRow InvalidJson = new("InvalidJson", 400, Invalid, "invalid_json", Retry: false);
    public static readonly ErrorRow InvalidValue = new("InvalidValue", 400, Invalid, "invalid_value", Retry: false);
    public static readonly ErrorRow Unsupported = new("Unsupported", 400, Invalid, "unsupported_parameter", Retry: false);
    public static readonly ErrorRow BadStructure = new("BadStructure", 400, Invalid, "invalid_schema", Retry: false);
    public static readonly ErrorRow BadHttp = new("BadHttp", 400, Invalid, "bad_http_request", Retry: false);
    public static readonly ErrorRow BadKey = new("BadKey", 401, Invalid, "invalid_api_key", Retry: false);
    public static readonly ErrorRow ForbiddenHost = new("ForbiddenHost", 403, Invalid, "forbidden_host", Retry: false);
    public static readonly ErrorRow AdminOnly = new("AdminOnly", 403, Invalid, "admin_key_needed", Retry: false);
    public static readonly ErrorRow UnknownKey = new("UnknownKey", 404, Invalid, "key_not_found", Retry: false);
    public static readonly ErrorRow UnknownResponse = new("UnknownResponse", 404, Invalid, "response_not_found", Retry: false);
    public static readonly ErrorRow UnknownRequest = new("UnknownRequest", 404, Invalid, "request_not_found", Retry: false);
    public static readonly ErrorRow UnknownFile = new("UnknownFile", 404, Invalid, "file_not_found", Retry: false);
    public static readonly ErrorRow UnknownBatch = new("UnknownBatch", 404, Invalid, "batch_not_found", Retry: false);
    public static readonly ErrorRow UnknownRoute = new("UnknownRoute", 404, Invalid, "unknown_url", Retry: false);
    public static readonly ErrorRow WrongMethod = new("WrongMethod", 405, Invalid, "method_not_allowed", Retry: false);
    public static readonly ErrorRow TooSlow = new("TooSlow", 408, Invalid, "request_timeout", Retry: true);
    public static readonly ErrorRow InUse = new("InUse", 409, Invalid, "conflict", Retry: false);
    public static readonly ErrorRow TooLarge = new("TooLarge", 413, Invalid, "request_too_large", Retry: false);
    public static readonly ErrorRow WrongMediaType = new("WrongMediaType", 415, Invalid, "unsupported_media_type", Retry: false);
    public static readonly ErrorRow KeyLimit = new("KeyLimit", 429, "rate_limit_error", "rate_limit_exceeded", Retry: true);
    public static readonly ErrorRow KeysNotWritten = new("KeysNotWritten", 500, "server_error", "keys_not_written", Retry: false);
    public static readonly ErrorRow NoStorage = new("NoStorage", 501, Invalid, "storage_disabled", Retry: false);
    public static readonly ErrorRow Unexpected = new("Unexpected", 500, "server_error", "internal_error", Retry: false);

    public static readonly ImmutableArray<ErrorRow> Rows =
    [
        InvalidJson, InvalidValue, Unsupported, BadStructure, BadHttp, BadKey, ForbiddenHost, AdminOnly, UnknownKey, UnknownResponse,
        UnknownRequest, UnknownFile, UnknownBatch, UnknownRoute, WrongMethod, TooSlow, InUse, TooLarge, WrongMediaType, KeyLimit,
        KeysNotWritten, Unexpected, NoStorage,
    ];
}
