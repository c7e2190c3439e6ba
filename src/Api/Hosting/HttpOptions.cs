using Microsoft.Extensions.Options;

namespace KgOrleans.Api.Hosting;

/// <summary>How much HTTP is taken on; section <c>Kg:Http</c>, whose <c>Urls</c> says where.</summary>
public sealed class HttpOptions
{
    /// <summary>64: a request is a few milliseconds of CPU, so that more at once only lengthen each.</summary>
    public const int DefaultConcurrentRequests = 64;

    /// <summary>512: at 5 ms a request and 64 at once, about 40 ms of waiting.</summary>
    public const int DefaultQueuedRequests = 512;

    /// <summary>64: one upload keeps every one of 8 shards busy with a batch; eight uploads do so without waiting for each other.</summary>
    public const int DefaultConcurrentUploadBatches = 64;

    /// <summary>4,096: a connection that waits costs some kilobytes, one with an unfinished body up to a megabyte.</summary>
    public const int DefaultMaxConnections = 4_096;

    /// <summary>30 seconds: the longest <c>timeoutMs</c>.</summary>
    public const int DefaultRequestTimeoutSeconds = 30;

    /// <summary>URLs to bind, separated by semicolons; null for <c>ASPNETCORE_URLS</c>, else <c>http://127.0.0.1:8080</c>.</summary>
    public string? Urls { get; set; }

    /// <summary>Readers worked on at once, and as many writers, 1..10,000. A request counts from the end of its body to the start of its answer.</summary>
    public int ConcurrentRequests { get; set; } = DefaultConcurrentRequests;

    /// <summary>Readers that wait, and as many writers, 0..100,000; those beyond are answered 503 at once.</summary>
    public int QueuedRequests { get; set; } = DefaultQueuedRequests;

    /// <summary>Batches that all bulk uploads together write at once, 1..1,000. An upload waits with its batches, not with its body.</summary>
    public int ConcurrentUploadBatches { get; set; } = DefaultConcurrentUploadBatches;

    /// <summary>Connections at once, 16..100,000; more are closed unanswered.</summary>
    public int MaxConnections { get; set; } = DefaultMaxConnections;

    /// <summary>Seconds after which a request other than an upload is given up, 1..600.</summary>
    public int RequestTimeoutSeconds { get; set; } = DefaultRequestTimeoutSeconds;

    /// <summary>
    /// Origins whose web pages may call the API (CORS), as browsers send them: <c>https://console.example</c>. A list, or one text with semicolons. None by
    /// default.
    /// </summary>
    public string[] AllowedOrigins { get; set; } = [];
}

/// <summary>Reports every setting of <see cref="HttpOptions"/> that is out of range.</summary>
internal sealed class HttpOptionsValidator : IValidateOptions<HttpOptions>
{
    public ValidateOptionsResult Validate(string? name, HttpOptions options)
    {
        var errors = new ValidateOptionsResultBuilder();
        Check(nameof(options.ConcurrentRequests), options.ConcurrentRequests, 1, 10_000);
        Check(nameof(options.QueuedRequests), options.QueuedRequests, 0, 100_000);
        Check(nameof(options.ConcurrentUploadBatches), options.ConcurrentUploadBatches, 1, 1_000);
        Check(nameof(options.MaxConnections), options.MaxConnections, 16, 100_000);
        Check(nameof(options.RequestTimeoutSeconds), options.RequestTimeoutSeconds, 1, 600);
        foreach (var origin in options.AllowedOrigins.Where(o => !IsOrigin(o)))
            errors.AddError($"Kg:Http:AllowedOrigins: {origin} is no origin; write scheme and host as browsers send them, as in https://console.example");
        return errors.Build();

        void Check(string setting, int value, int min, int max)
        {
            if (value < min || value > max)
                errors.AddError($"Kg:Http:{setting} is {value}, must be {min}..{max}");
        }
    }

    // A path, a trailing slash or a * would never equal what a browser sends.
    private static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.GetLeftPart(UriPartial.Authority) == text;
}
