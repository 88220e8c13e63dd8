namespace XLLM.Gateway.Errors;

/// <summary>Ends the handling of an HTTP request with an error.</summary>
internal sealed class ApiException(ApiError error) : Exception(error.Message)
{
    public ApiError Error { get; } = error;

    /// <summary>A field that is wrong; the message says what was wrong and what would be right.</summary>
    public static ApiException Invalid(string? param, string message) =>
        new(new ApiError(DoorErrors.InvalidValue, message) { Param = param });

    /// <summary>A field that is known, would change the result, and is not implemented.</summary>
    public static ApiException Unsupported(string param, string message) =>
        new(new ApiError(DoorErrors.Unsupported, message) { Param = param });

    public static ApiException Of(ErrorRow row, string message) => new(new ApiError(row, message));
}
