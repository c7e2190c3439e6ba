using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace KgOrleans.Grains.Tests;

/// <summary>The states of a container as releases with a provider of their own left them: names, headers and bytes were copied from one.</summary>
internal static class OldContainer
{
    public const string UserBlob = "user-user/u0001.json", SceneBlob = "scenes-sceneregistry/0.json";

    private const string User =
        """{"format":2,"version":2,"followed":[],"history":[{"itemId":"w1","type":"play","value":1,"at":1795841183920,"creatorId":"c1","tags":["ro""" +
        """ck"]},{"itemId":"w2","type":"like","value":0,"at":1795841183920,"creatorId":"c2","tags":["pop"]}],"tags":[{"id":"rock","weight":1,"at":""" +
        """1795841183920},{"id":"pop","weight":1.5,"at":1795841183920}],"creators":[{"id":"c1","weight":1,"at":1795841183920},{"id":"c2","weight":""" +
        """1.5,"at":1795841183920}],"songs":[],"seen":"GVKuJTwNP0ACALDQeSCiAcVMoDF1/zt1BACw0HkgogE=","appliedPosition":167,"erasures":0,"profileVe""" +
        """rsion":0,"contentLong":[],"contentShort":[],"counts":[0,1,1,0,0,0,0,0,0],"lastEventAt":1795841183920}""";

    private const string Scenes =
        """{"format":1,"revision":1,"scenes":{"evening":{"newest":1,"versions":[{"version":1,"writtenAt":"2026-11-28T04:46:59.5410017+00:00","docu""" +
        """ment":{"scene":"evening","description":"\u70B9\u6B4C in the evening","deadlineMs":1000,"contextKeys":["device","city","songId","hour"]""" +
        ""","discovery":{"ageWindowDays":92,"minQuality":0,"creatorCap":0},"traffic":[],"recall":{"model":{"quota":1200,"timeoutMs":200,"weight":1""" +
        ""","minKeep":20},"index":{"quota":800,"timeoutMs":200,"weight":1,"minKeep":20},"hot":{"quota":300,"timeoutMs":200,"weight":1,"minKeep":20""" +
        """},"social":{"quota":300,"timeoutMs":200,"weight":1,"minKeep":20},"fresh":{"quota":200,"timeoutMs":200,"weight":1,"minKeep":10},"regio""" +
        """n":{"quota":100,"timeoutMs":200,"weight":1,"minKeep":10},"continue":{"quota":100,"timeoutMs":200,"weight":1,"minKeep":10}},"preRank":""" +
        """{"ranker":"towers","fallback":"recallScore","weights":{"play":1,"like":0.5,"share":0.25},"calibration":{"freshness":0,"freshnessHalfLif""" +
        """eDays":14,"quality":0,"tones":{},"creators":{}},"merge":600,"diversity":"dpp","diversePicks":64,"window":16,"theta":0.9,"creatorCap":8""" +
        ""","keep":300},"fineRank":{"fusion":{"product":{"play":1,"like":0.5,"share":0.25},"sum":{},"blend":0},"calibration":{},"keep":100,"adapti""" +
        """veWidth":{"targetMs":80,"percentile":99,"least":0.3}},"reRank":{"diversity":"dpp","theta":0.7,"breadthEffect":0,"window":10,"kindShar""" +
        """e":0.1,"listWise":false,"boosts":[],"rules":[{"field":"creatorId","max":1,"in":2},{"field":"songId","max":1,"in":2}],"shares":[],"pin""" +
        """s":[]},"exploration":{"share":0,"temperature":0.3},"seen":{"types":["impression","play"],"days":30,"max":20000}}}]}}}""";

    /// <summary>Makes the container of service kg.</summary>
    public static async Task<BlobContainerClient> CreateAsync(string connectionString)
    {
        var container = new BlobServiceClient(connectionString).GetBlobContainerClient("grainstate");
        await container.CreateAsync(metadata: new Dictionary<string, string> { ["kgserviceid"] = "kg" });
        var options = new BlobUploadOptions { HttpHeaders = new BlobHttpHeaders { ContentType = "application/octet-stream" } };
        await container.GetBlobClient(UserBlob).UploadAsync(BinaryData.FromString(User), options);
        await container.GetBlobClient(SceneBlob).UploadAsync(BinaryData.FromString(Scenes), options);
        return container;
    }
}
