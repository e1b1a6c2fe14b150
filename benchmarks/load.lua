-- The load of wrk: one request again and again, or with another external_id each time.
-- Arguments: the method, the file with the body, the external_id in it, and what each
-- new one starts with; only the method where nothing is sent.

local before, after, stamp
local sent = 0

function init(args)
  wrk.method = args[1]
  wrk.headers["Authorization"] = "Bearer key-of-the-bench"
  if args[2] then
    local file = assert(io.open(args[2]))
    wrk.body = file:read("*a")
    file:close()
    wrk.headers["Content-Type"] = "application/json"
  end
  local whole = wrk.format()
  local first, last = 1, 0
  if args[3] then
    first, last = whole:find(args[3], 1, true)
    stamp = args[4]
  end
  before, after = whole:sub(1, first - 1), whole:sub(last + 1)
end

-- Put together of two pieces, because wrk.format() costs the load more than some servers.
function request()
  if not stamp then
    return after
  end
  sent = sent + 1
  return before .. stamp .. string.format("%012d", sent) .. after
end

function done(summary, latency)
  local errors = summary.errors
  local lost = errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format(
    '{"requests": %d, "microseconds": %d, "p99": %d, "refused": %d, "lost": %d}\n',
    summary.requests, summary.duration, latency:percentile(99), errors.status, lost))
end
