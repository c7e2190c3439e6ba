using System.Net;
using System.Text;
using System.Text.Json;

namespace KgOrleans.Client;

/// <summary>The service refused a request or could not be reached. The message is complete and readable, RFC 9457 problem details spelt out.</summary>
public sealed class ApiException : Exception
{
    /// <summary>An answer that is an error.</summary>
    public ApiException(HttpStatusCode status, string message)
        : base(message) => Status = status;

    /// <summary>No answer.</summary>
    public ApiException(string message, Exception inner)
        : base(message, inner)
    {
    }

    /// <summary>Status of the answer; null when there was none.</summary>
    public HttpStatusCode? Status { get; }

    /// <summary>Whether the same request may succeed later: no answer, 408, 429, 502, 503 or 504.</summary>
    public bool IsTransient => Status is null or HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests
        or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;

    /// <summary>Whether what was asked, not the service, is at fault.</summary>
    public bool IsCallersFault => Status is { } status && (int)status is >= 400 and < 500 && !IsTransient;

    /// <summary>Reads the body of an error, problem details or not.</summary>
    public static ApiException From(HttpMethod method, string path, HttpStatusCode status, string body)
    {
        var text = new StringBuilder($"{method} {path}: {(int)status}");
        try
        {
            using var json = JsonDocument.Parse(body);
            Describe(text, json.RootElement, status);
        }
        catch (JsonException)
        {
            text.Append(' ').Append(status);
            if (!string.IsNullOrWhiteSpace(body))
                text.Append(": ").Append(body.Trim()[..Math.Min(500, body.Trim().Length)]);
        }
        if (status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
            text.Append("\n  give an API key by KG_API_KEY or --api-key-file");
        return new ApiException(status, text.ToString());
    }

    private static void Describe(StringBuilder text, JsonElement problem, HttpStatusCode status)
    {
        if (problem.ValueKind != JsonValueKind.Object)
        {
            text.Append(' ').Append(status);
            return;
        }
        text.Append(' ').Append(Text(problem, "title") ?? status.ToString());
        if (Text(problem, "detail") is { } detail)
            text.Append(": ").Append(detail);
        if (!problem.TryGetProperty("errors", out var errors))
            return;
        // Either a field -> messages map, as frameworks write it, or a list of {field, code, message}.
        if (errors.ValueKind == JsonValueKind.Object)
        {
            foreach (var field in errors.EnumerateObject())
                text.Append($"\n  {field.Name}: {Messages(field.Value)}");
        }
        else if (errors.ValueKind == JsonValueKind.Array)
        {
            foreach (var error in errors.EnumerateArray())
            {
                text.Append(error.ValueKind == JsonValueKind.Object
                    ? $"\n  {Text(error, "field") ?? Text(error, "code")}: {Text(error, "message")}"
                    : $"\n  {error}");
            }
        }
    }

    private static string Messages(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array ? string.Join("; ", value.EnumerateArray().Select(m => m.ToString())) : value.ToString();

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
