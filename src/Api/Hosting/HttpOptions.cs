using Microsoft.Extensions.Options;

namespace KgOrleans.Api.Hosting;

/// <summary>How much HTTP is taken on; section <c>Kg:Http</c>, whose <c>Urls</c> says where.</summary>
public sealed class HttpOptions
{
    /// <summary>64: a request is a few milliseconds of CPU, so that more at once only lengthen each.</summary>
    public const int DefaultConcurrentRequests = 64;

    /// <summary>512: at 5 ms a request and 64 at once, about 40 ms of waiting.</summary>
    public const int DefaultQueuedRequests = 512;

    /// <summary>8: each upload fills every shard's write queue by itself.</summary>
    public const int DefaultConcurrentUploads = 8;

    /// <summary>30 seconds: the longest <c>timeoutMs</c>.</summary>
    public const int DefaultRequestTimeoutSeconds = 30;

    /// <summary>URLs to bind, separated by semicolons; null for <c>ASPNETCORE_URLS</c>, else <c>http://127.0.0.1:8080</c>.</summary>
    public string? Urls { get; set; }

    /// <summary>Requests worked on at once, 1..10,000.</summary>
    public int ConcurrentRequests { get; set; } = DefaultConcurrentRequests;

    /// <summary>Requests that wait, 0..100,000; those beyond are answered 503 at once.</summary>
    public int QueuedRequests { get; set; } = DefaultQueuedRequests;

    /// <summary>Bulk uploads worked on at once, 1..1,000; four times as many wait.</summary>
    public int ConcurrentUploads { get; set; } = DefaultConcurrentUploads;

    /// <summary>Seconds after which a request other than an upload is given up, 1..600.</summary>
    public int RequestTimeoutSeconds { get; set; } = DefaultRequestTimeoutSeconds;
}

/// <summary>Reports every setting of <see cref="HttpOptions"/> that is out of range.</summary>
internal sealed class HttpOptionsValidator : IValidateOptions<HttpOptions>
{
    public ValidateOptionsResult Validate(string? name, HttpOptions options)
    {
        var errors = new ValidateOptionsResultBuilder();
        Check(nameof(options.ConcurrentRequests), options.ConcurrentRequests, 1, 10_000);
        Check(nameof(options.QueuedRequests), options.QueuedRequests, 0, 100_000);
        Check(nameof(options.ConcurrentUploads), options.ConcurrentUploads, 1, 1_000);
        Check(nameof(options.RequestTimeoutSeconds), options.RequestTimeoutSeconds, 1, 600);
        return errors.Build();

        void Check(string setting, int value, int min, int max)
        {
            if (value < min || value > max)
                errors.AddError($"Kg:Http:{setting} is {value}, must be {min}..{max}");
        }
    }
}
