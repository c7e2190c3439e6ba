using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;

namespace KgOrleans.Api.Tests.Fuzzing;

/// <summary>Breaks a good request in one to three ways, by a seed.</summary>
internal sealed class Mutator(FuzzTarget target, int seed)
{
    private static readonly string[] Values =
    [
        "null", "true", "[]", "{}", "\"\"", "0", "-1", "1.5", "1e999", "-1e999", "1e-999", "NaN", "Infinity", "9223372036854775807", "9223372036854775808",
        "00", "\"\\ud800\"", "\"\\udfff\\ud800\"", "\"\\u0000\"", "\"\ufeff\"", "{\"\\ud800\":null}", "{\"\\ud800\":1}", "{\"a\":{\"\\udc00\":[null]}}", "[null]",
        "[[[[[[[[[[]]]]]]]]]]", "\"x\\", "\"2026-01-01T00:00:00+9999\"", "\"0001-01-01T00:00:00Z\"", "\"9999-12-31T23:59:59.9999999+14:00\"", "\"..\"", "\"a/b\"",
        "{\"$type\":\"x\"}", "{\"a\":1,\"a\":2}", "1 2", "/**/1", "\"like, play\"", "\"AUDIO\"", "[1,\"x\",null,{}]",
    ];

    private static readonly string[] Names = ["", "\\ud800", "__proto__", "$id", "$ref", "itemId", "userId", "type", "events", "a.b", "a'b]", "\\u0000"];

    private static readonly (string Name, string Value)[] Headers =
    [
        ("If-Match", "*"), ("If-Match", "\"0\""), ("If-Match", "\"-1\""), ("If-Match", "W/\"1\""), ("If-Match", "\"99999999999999999999\""), ("If-Match", "x,,\""),
        ("If-None-Match", "*"), ("If-None-Match", "\"1\", *"), ("If-None-Match", "\u00ff"), ("Accept-Encoding", "gzip;q=2, *;q=x"), ("Accept", "\u00e9/*"),
        ("X-Api-Key", "\u00ff\u00fe"), ("Authorization", "Bearer"), ("Authorization", "Basic %%%"), ("Range", "bytes=5-1"), ("Expect", "100-continue"),
        ("X-HTTP-Method-Override", "DELETE"), ("traceparent", "00-zz-zz-zz"), ("baggage", "a=%ff"), ("Cookie", "a=\u0001"), ("Content-Language", "\u00ff"),
    ];

    private static readonly string[] MediaTypes =
    [
        "application/json; charset=utf8", "application/json; charset=\"", "application/json;;", "text/plain", "application/*", "*/*", "", "application/json, text/x",
        "application/x-ndjson; charset=x", "application/merge-patch+json; x=\"",
    ];

    private static readonly string[] PathParts =
        ["%2F", "%00", "%ED%A0%80", "%ff", "..", "%2e%2e", "//", "%25", "%0d%0a", "'", "\\", "{scene}", "+", "%F0%9F%98%80", "?x=%ff&x", "?scene=%ED%A0%80", ";a=b"];

    private readonly Random _random = new(seed);

    /// <summary>Path and query as sent.</summary>
    public string Path { get; private set; } = target.Path;

    /// <summary>Type of the body; null for none.</summary>
    public string? MediaType { get; private set; } = target.MediaType;

    /// <summary>The body; null for none.</summary>
    public byte[]? Body { get; private set; } = target.Body is null ? null : Encoding.UTF8.GetBytes(target.Body);

    /// <summary>Headers as sent.</summary>
    public List<(string Name, string Value)> Sent { get; } = [];

    /// <summary>Whether the path is still the operation's.</summary>
    public bool KeepsPath => Path == target.Path;

    public Mutator Mutate()
    {
        for (var i = _random.Next(1, 4); i > 0; i--)
            MutateOnce();
        if (_random.Next(20) == 0 && Body is not null)
            Compress();
        return this;
    }

    private void MutateOnce()
    {
        switch (_random.Next(Body is null ? 4 : 12))
        {
            case 0:
                Path = Path.Insert(_random.Next(1, Path.Length + 1), Pick(PathParts));
                break;
            case 1 or 2:
                Sent.Add(Pick(Headers));
                break;
            case 3 when Body is null:
                Body = Encoding.UTF8.GetBytes(Pick(Values));
                MediaType = Pick(MediaTypes);
                break;
            case 3:
                MediaType = _random.Next(5) == 0 ? null : Pick(MediaTypes);
                break;
            case < 8:
                Restructure();
                break;
            default:
                Scramble();
                break;
        }
    }

    // Changes one member of the JSON, in place; what is broken already is broken further.
    private void Restructure()
    {
        try
        {
            Body = Encoding.UTF8.GetBytes(Restructured(JsonNode.Parse(Body)));
        }
        catch (Exception exception) when (exception is System.Text.Json.JsonException or InvalidOperationException or ArgumentException)
        {
            Scramble();
        }
    }

    private string Restructured(JsonNode? root)
    {
        const string hole = "@@hole@@";
        var places = new List<JsonNode>();
        Collect(root, places);
        if (places.Count == 0)
            return Pick(Values);
        var place = Pick([.. places]);
        var replacement = _random.Next(3) == 0 ? $"\"{new string('x', 1 << _random.Next(4, 18))}\"" : Pick(Values);
        if (place is JsonArray list)
            list.Insert(_random.Next(list.Count + 1), hole);
        else if (place is JsonObject members && members.Count > 0 && _random.Next(3) > 0)
            members[members.ElementAt(_random.Next(members.Count)).Key] = hole;
        else
            place.AsObject()[hole] = hole;
        return root!.ToJsonString().Replace($"\"{hole}\":", $"\"{Pick(Names)}\":").Replace($"\"{hole}\"", replacement);
    }

    private static void Collect(JsonNode? node, List<JsonNode> places)
    {
        if (node is JsonObject members)
        {
            places.Add(members);
            foreach (var (_, value) in members)
                Collect(value, places);
        }
        else if (node is JsonArray list)
        {
            places.Add(list);
            foreach (var value in list)
                Collect(value, places);
        }
    }

    private void Scramble()
    {
        var bytes = Body!.ToList();
        if (bytes.Count == 0)
            return;
        var at = _random.Next(bytes.Count);
        switch (_random.Next(7))
        {
            case 0:
                bytes[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 1:
                bytes.RemoveRange(at, Math.Min(_random.Next(1, 20), bytes.Count - at));
                break;
            case 2:
                bytes.Insert(at, (byte)_random.Next(256));
                break;
            case 3:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 4:
                bytes.InsertRange(at, bytes.GetRange(at, Math.Min(_random.Next(1, 200), bytes.Count - at)));
                break;
            case 5:
                bytes.InsertRange(at, Encoding.UTF8.GetBytes(Pick(Values)));
                break;
            default:
                bytes.InsertRange(at, Enumerable.Repeat((byte)Pick(['[', '{', '"', '\n', '\\', (char)0xEF]), _random.Next(1, 60)));
                break;
        }
        Body = [.. bytes];
    }

    private void Compress()
    {
        using var zipped = new MemoryStream();
        using (var gzip = new GZipStream(zipped, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(Body!);
        Body = zipped.ToArray();
        Sent.Add(("Content-Encoding", "gzip"));
        if (_random.Next(2) == 0)
            Scramble();
    }

    private T Pick<T>(T[] from) => from[_random.Next(from.Length)];
}
