using KgOrleans.Api.Json;
using KgOrleans.Storage;

namespace KgOrleans.Api.Problems;

/// <summary>
/// Writes the problems that the framework raises (unknown routes, methods, media types, exceptions) in the same form as our own, whatever the Accept header
/// says:
/// the default writer answers plain text to a caller that did not ask for JSON.
/// </summary>
internal sealed class ProblemWriter(AcceptedTypes accepted) : IProblemDetailsWriter
{
    public bool CanWrite(ProblemDetailsContext context) => true;

    public ValueTask WriteAsync(ProblemDetailsContext context)
    {
        var status = context.ProblemDetails.Status ?? context.HttpContext.Response.StatusCode;
        if (status == StatusCodes.Status415UnsupportedMediaType)
            return new ValueTask(MediaTypes.Unwelcome(accepted.Of(context.HttpContext.Request)).ExecuteAsync(context.HttpContext));
        if (status == StatusCodes.Status405MethodNotAllowed)
            AllowHead(context.HttpContext.Response);
        var detail = context.Exception switch
        {
            BadHttpRequestException bad => bad.Message,
            { } failure when StorageException.IsForGood(failure) =>
                "The stored data cannot be read. An operator must repair it; the server log has details under the trace id.",
            _ => Detail(status, context.HttpContext),
        };
        return new ValueTask(Problem.OfStatus(status, detail).ExecuteAsync(context.HttpContext));
    }

    // Routes know GET only; HEAD is answered wherever GET is.
    private static void AllowHead(HttpResponse response)
    {
        var allowed = response.Headers.Allow.ToString().Split(", ");
        if (allowed.Any(HttpMethods.IsGet) && !allowed.Any(HttpMethods.IsHead))
            response.Headers.Allow = string.Join(", ", [.. allowed, HttpMethods.Head]);
    }

    private static string? Detail(int status, HttpContext http) => status switch
    {
        StatusCodes.Status404NotFound => $"There is nothing at {http.Request.Path}.",
        StatusCodes.Status405MethodNotAllowed => $"{http.Request.Path} does not support {http.Request.Method}; it supports {http.Response.Headers.Allow}.",
        StatusCodes.Status500InternalServerError => "Internal error. The server log has details under the trace id.",
        StatusCodes.Status504GatewayTimeout => "The request took too long.",
        _ => null,
    };
}

/// <summary>Registration of problem details.</summary>
internal static class ProblemExtensions
{
    public static void AddKgProblems(this IServiceCollection services)
    {
        // Before AddProblemDetails: the first writer that can write wins.
        services.AddSingleton<AcceptedTypes>();
        services.AddSingleton<IProblemDetailsWriter, ProblemWriter>();
        services.AddProblemDetails();
        services.Configure<ExceptionHandlerOptions>(options => options.StatusCodeSelector = exception => exception switch
        {
            BadHttpRequestException bad => bad.StatusCode,
            _ => StatusCodes.Status500InternalServerError,
        });
        // Exceptions inside handlers reach the exception handler, also in development: no stack traces in answers.
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
    }

    public static void UseKgProblems(this IApplicationBuilder app)
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages();
    }

    /// <summary>The problem of a failed read of the body; the server closes the connection where it must.</summary>
    public static Problem ToProblem(this BadHttpRequestException exception) => exception.StatusCode == StatusCodes.Status413PayloadTooLarge
        ? Problem.OfField(StatusCodes.Status413PayloadTooLarge, "$", "tooLarge", "the body is too large")
        : Problem.OfStatus(exception.StatusCode, exception.Message);
}
