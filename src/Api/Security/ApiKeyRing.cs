using System.Security.Cryptography;
using System.Text;
using KgOrleans.Api.Hosting;

namespace KgOrleans.Api.Security;

/// <summary>The configured keys, as hashes. Keys themselves are not kept and never logged.</summary>
internal sealed class ApiKeyRing
{
    // Index: position of the role in ApiRoles.All. Replaced as a whole.
    private volatile byte[][] _hashes;

    private ApiKeyRing(byte[][] hashes) => _hashes = hashes;

    /// <summary>Whether keys are configured, and therefore asked for.</summary>
    public bool Enforced => _hashes.Length > 0;

    /// <summary>Reads the keys.</summary>
    /// <param name="options">Keys or their files.</param>
    /// <param name="listensBeyondLoopback">Whether an address is bound that other machines reach, so that keys are a must.</param>
    /// <param name="errors">Receives everything that is wrong: keys that are missing, doubled, too short or unreadable. Names settings, never keys.</param>
    /// <returns>The keys; null when there were errors.</returns>
    public static ApiKeyRing? Load(ApiKeyOptions options, bool listensBeyondLoopback, List<string> errors)
    {
        (string Role, string? Key, string? File)[] settings =
            [("Read", options.Read, options.ReadFile), ("Write", options.Write, options.WriteFile), ("Admin", options.Admin, options.AdminFile)];
        var any = settings.Any(s => s.Key is not null || s.File is not null);
        if (!any && !listensBeyondLoopback)
            return new ApiKeyRing([]);
        var keys = settings.Select(s => Read(s.Role, s.Key, s.File, any && !listensBeyondLoopback, errors)).ToArray();
        if (keys.Where(k => k is not null).Distinct().Count() < keys.Count(k => k is not null))
            errors.Add("Kg:ApiKeys: the keys of two roles are the same");
        return errors.Count == 0
            ? new ApiKeyRing([.. keys.Select(k => SHA256.HashData(Encoding.UTF8.GetBytes(k!)))])
            : null;
    }

    /// <summary>Takes over the keys of another ring. False when they are the same.</summary>
    public bool Replace(ApiKeyRing newer)
    {
        if (_hashes.Zip(newer._hashes).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second)))
            return false;
        _hashes = newer._hashes;
        return true;
    }

    /// <summary>Roles of a presented key, weakest first; empty for an unknown key.</summary>
    public ReadOnlySpan<string> RolesOf(string presented)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(presented), hash);
        var (roles, hashes) = (0, _hashes);
        // Every key is compared, over hashes of equal length: the time taken says nothing about any of them.
        for (var i = 0; i < hashes.Length; i++)
        {
            if (CryptographicOperations.FixedTimeEquals(hashes[i], hash))
                roles = i + 1;
        }
        return ApiRoles.All.AsSpan(0, roles);
    }

    private static string? Read(string role, string? key, string? file, bool onLoopback, List<string> errors)
    {
        var setting = $"Kg:ApiKeys:{role}";
        if (key is not null && file is not null)
            errors.Add($"{setting} and {setting}File are both set; one is enough");
        else if (key is null && file is null)
        {
            var reason = onLoopback ? "configure keys for all three roles or for none" : "other machines can reach a bound address";
            errors.Add($"{setting} or {setting}File is missing: {reason}");
        }
        else
        {
            try
            {
                key ??= Encoding.UTF8.GetString(SecretFile.Read(file!, $"{setting}File"));
            }
            catch (StartRefusedException exception)
            {
                errors.Add(exception.Message);
                return null;
            }
            if (key.Length < ApiKeyOptions.MinLength)
                errors.Add($"{setting} has {key.Length} characters, at least {ApiKeyOptions.MinLength} are needed");
            if (key.Any(char.IsControl))
                errors.Add($"{setting} has a line break or another control character, which no header can carry");
            return key;
        }
        return null;
    }
}
