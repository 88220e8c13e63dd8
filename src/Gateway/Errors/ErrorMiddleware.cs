using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace XLLM.Gateway.Errors;

/// <summary>Turns everything that goes wrong before an answer has started into an error answer, and bare statuses into texts.</summary>
internal sealed class ErrorMiddleware(RequestDelegate next, ILogger<ErrorMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        ApiError? error;
        try
        {
            await next(context);
            error = OfStatus(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested || context.Response.HasStarted)
        {
            // The client left; a write may see it before the token does.
            return;
        }
        catch (Exception exception)
        {
            if (context.Response.HasStarted)
            {
                logger.FailedAfterStart(context.Request.Path, exception);
                context.Abort();
                return;
            }

            error = OfException(context, exception);
        }

        if (error is not null && !context.RequestAborted.IsCancellationRequested)
        {
            await ErrorWriter.WriteAsync(context.Response, error);
        }
    }

    private ApiError OfException(HttpContext context, Exception exception)
    {
        switch (exception)
        {
            case ApiException known:
                return known.Error;
            case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }:
                return new ApiError(DoorErrors.TooLarge, "The request body is larger than this server takes.");
            case BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout }:
                return new ApiError(DoorErrors.TooSlow, "The request body came too slowly.");
            case BadHttpRequestException:
                return new ApiError(DoorErrors.BadHttp, "The HTTP request is malformed.");
            default:
                logger.Unexpected(context.Request.Path, exception);
                return new ApiError(DoorErrors.Unexpected, "Something went wrong inside the server.");
        }
    }

    private static ApiError? OfStatus(HttpContext context)
    {
        HttpResponse response = context.Response;
        if (response.HasStarted || response.ContentType is not null || response.ContentLength > 0)
        {
            return null;
        }

        string route = $"{context.Request.Method} {context.Request.Path}";
        return response.StatusCode switch
        {
            StatusCodes.Status404NotFound => new ApiError(DoorErrors.UnknownRoute, $"Unknown request URL: {route}."),
            StatusCodes.Status405MethodNotAllowed =>
                new ApiError(DoorErrors.WrongMethod, $"Not allowed: {route}. Allowed: {response.Headers.Allow}."),
            StatusCodes.Status415UnsupportedMediaType =>
                new ApiError(DoorErrors.WrongMediaType, "The body must be sent as Content-Type: application/json."),
            _ => null,
        };
    }
}
