/* Recorded output of load generators, for tests of its parsers without these tools. */

/** wrk 4.1.0: no error. */
export const wrkOutput = `Running 1s test @ http://127.0.0.1:41435/poll/N00tCWcpHRkhSQ7N?after=0000000000
  1 threads and 20 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency    21.74ms   26.79ms 140.70ms   87.36%
    Req/Sec     1.39k     1.31k    4.21k    80.00%
  1410 requests in 1.03s, 419.97KB read
Requests/sec:   1375.60
Transfer/sec:    409.73KB
`;

/** wrk 4.1.0: every response is 405. */
export const wrkOutputRefused = `Running 1s test @ http://127.0.0.1:41435/poll
  1 threads and 20 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency    15.48ms   17.10ms 127.84ms   87.61%
    Req/Sec     1.69k     1.31k    4.89k    90.00%
  1716 requests in 1.02s, 256.39KB read
  Non-2xx or 3xx responses: 1716
Requests/sec:   1674.29
Transfer/sec:    250.16KB
`;

/** wrk 4.1.0: every connection was closed. */
export const wrkOutputClosed = `Running 1s test @ http://127.0.0.1:7001/
  1 threads and 20 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     0.00us    0.00us   0.00us    -nan%
    Req/Sec     0.00      0.00     0.00      -nan%
  0 requests in 1.05s, 0.00B read
  Socket errors: connect 0, read 1809, write 0, timeout 0
Requests/sec:      0.00
Transfer/sec:       0.00B
`;

/** h2load 1.52.0, last nine lines: no error. */
export const h2loadOutput = `finished in 1.04s, 1284.00 req/s, 382.44KB/s
requests: 1284 total, 1304 started, 1284 done, 1284 succeeded, 0 failed, 0 errored, 0 timeout
status codes: 1284 2xx, 0 3xx, 0 4xx, 0 5xx
traffic: 382.44KB (391620) total, 168.15KB (172190) headers (space savings 0.00%), 165.64KB (169620) data
                     min         max         mean         sd        +/- sd
time for request:      396us    123.78ms     15.54ms     17.90ms    93.07%
time for connect:       12us       195us       111us        54us    60.00%
time to 1st byte:     7.44ms      7.55ms      7.51ms        30us    65.00%
req/s           :      59.95       67.95       64.15        2.46    75.00%
`;

/** h2load 1.52.0: every response is 405. */
export const h2loadOutputRefused = `finished in 1.01s, 2216.00 req/s, 331.10KB/s
requests: 2216 total, 2236 started, 2216 done, 0 succeeded, 2216 failed, 0 errored, 0 timeout
status codes: 0 2xx, 0 3xx, 2216 4xx, 0 5xx
traffic: 331.10KB (339048) total, 213.99KB (219128) headers (space savings 0.00%), 0B (0) data
                     min         max         mean         sd        +/- sd
time for request:      349us    108.23ms      8.98ms      8.57ms    88.81%
time for connect:       17us       238us       140us        63us    60.00%
time to 1st byte:        0us         0us         0us         0us     0.00%
req/s           :     103.55      117.49      110.32        4.34    60.00%
`;

/** ab 2.3, without heading and percentiles: no error. */
export const abOutput = `Server Port:            41435

Document Path:          /poll/N00tCWcpHRkhSQ7N?after=0000000000
Document Length:        132 bytes

Concurrency Level:      20
Time taken for tests:   1.002 seconds
Complete requests:      5492
Failed requests:        0
Keep-Alive requests:    5492
Total transferred:      1675060 bytes
HTML transferred:       724944 bytes
Requests per second:    5480.78 [#/sec] (mean)
Time per request:       3.649 [ms] (mean)
Time per request:       0.182 [ms] (mean, across all concurrent requests)
Transfer rate:          1632.46 [Kbytes/sec] received
`;

/** ab 2.3: every response is 405. */
export const abOutputRefused = `Server Port:            41435

Document Path:          /poll
Document Length:        0 bytes

Concurrency Level:      20
Time taken for tests:   1.000 seconds
Complete requests:      3760
Failed requests:        0
Non-2xx responses:      3760
Keep-Alive requests:    3760
Total transferred:      575280 bytes
HTML transferred:       0 bytes
Requests per second:    3759.71 [#/sec] (mean)
Time per request:       5.320 [ms] (mean)
Time per request:       0.266 [ms] (mean, across all concurrent requests)
Transfer rate:          561.75 [Kbytes/sec] received
`;

/** ab 2.3: no server at that address. */
export const abOutputClosed = `Server Port:            7002

Document Path:          /
Document Length:        0 bytes

Concurrency Level:      5
Time taken for tests:   2.000 seconds
Complete requests:      28606
Failed requests:        42909
   (Connect: 0, Receive: 28606, Length: 0, Exceptions: 14303)
Keep-Alive requests:    0
Total transferred:      0 bytes
HTML transferred:       0 bytes
Requests per second:    14302.99 [#/sec] (mean)
Time per request:       0.350 [ms] (mean)
Time per request:       0.070 [ms] (mean, across all concurrent requests)
Transfer rate:          0.00 [Kbytes/sec] received
`;

/** autocannon 9.0.0, without percentiles: no error. */
export const autocannonOutput = `{"url":"http://127.0.0.1:8181/poll","connections":20,"sampleInt":1000,"pipelining":1,"workers":0,"duration":1.07,"samples":1,"start":"2026-11-24T06:53:12.614Z","finish":"2026-11-24T06:53:13.681Z","errors":0,"timeouts":0,"mismatches":0,"non2xx":0,"resets":0,"1xx":0,"2xx":1189,"3xx":0,"4xx":0,"5xx":0,"statusCodeStats":{"200":{"count":1189}}}
`;

/** autocannon 9.0.0: every response is 405. */
export const autocannonOutputRefused = `{"url":"http://127.0.0.1:8181/poll","connections":20,"sampleInt":1000,"pipelining":1,"workers":0,"duration":1.14,"samples":1,"start":"2026-11-24T06:53:07.453Z","finish":"2026-11-24T06:53:08.593Z","errors":0,"timeouts":0,"mismatches":0,"non2xx":1293,"resets":0,"1xx":0,"2xx":0,"3xx":0,"4xx":1293,"5xx":0,"statusCodeStats":{"405":{"count":1293}}}
`;

/** autocannon 9.0.0: no response came. */
export const autocannonOutputTimeouts = `{"url":"http://127.0.0.1:8181/poll","connections":5,"sampleInt":1000,"pipelining":1,"workers":0,"duration":2.02,"samples":2,"start":"2026-11-24T06:54:49.405Z","finish":"2026-11-24T06:54:51.426Z","errors":5,"timeouts":5,"mismatches":0,"non2xx":0,"resets":0,"1xx":0,"2xx":0,"3xx":0,"4xx":0,"5xx":0,"statusCodeStats":{}}
`;

/** tsung 1.7.0, ended by its time limit in the second block: no error. */
export const tsungOutput = `Creating local Tsung directory ./.tsung
Creating Tsung log directory ./.tsung/log
Starting Tsung
Log directory is: ./.tsung/log/20261124-0653
# stats: dump at 1795503205
stats: users 20 20
stats: {freemem,"tsung_controller@vm"} 1 22628.69921875 0 22628.69921875 22628.69921875 0 0
stats: {load,"tsung_controller@vm"} 1 9.671875 0 9.671875 9.671875 0 0
stats: {cpu,"tsung_controller@vm"} 1 71.44391917639875 0 71.44391917639875 71.44391917639875 0 0
stats: users_count 20 20
stats: finish_users_count 0 0
stats: connect 20 2.5585 2.4758396656488078 9.859 0.565 0 0
stats: request 1525 2.1934222950819633 4.398475738367909 40.316 0.179 0 0
stats: page 1525 2.1934222950819633 4.398475738367909 40.316 0.179 0 0
stats: 200 1525 1525
stats: size_rcv 465125 465125
stats: size_sent 149450 149450
stats: connected 20 20
# stats: dump at 1795503208
stats: users 20 20
stats: {freemem,"tsung_controller@vm"} 1 22643.046875 0.0 22643.046875 22628.69921875 22628.69921875 1
stats: {load,"tsung_controller@vm"} 1 9.48828125 0.0 9.671875 9.48828125 9.671875 1
stats: {cpu,"tsung_controller@vm"} 1 99.3570722057369 0.0 99.3570722057369 71.44391917639875 71.44391917639875 1
stats: users_count 0 20
stats: finish_users_count 0 0
stats: 200 569 2094
stats: size_rcv 173545 638670
stats: size_sent 55762 205212
stats: connected 0 20
stats: error_abort 1 1
stats: request 569 1.6413901581722323 4.689276975641259 73.743 0.142 2.1934222950819633 1525
stats: connect 0 0 0 9.859 0.565 2.5585 20
stats: page 569 1.6413901581722323 4.689276975641259 73.743 0.142 2.1934222950819633 1525
EndMonitor:{1795,503208,737523}
[os_mon] cpu supervisor port (cpu_sup): Erlang has closed
[os_mon] memory supervisor port (memsup): Erlang has closed
`;

/** tsung 1.7.0: every response is 405. */
export const tsungOutputRefused = `Creating local Tsung directory ./.tsung
Creating Tsung log directory ./.tsung/log
Starting Tsung
Log directory is: ./.tsung/log/20261124-0653
# stats: dump at 1795503241
stats: users 20 20
stats: {freemem,"tsung_controller@vm"} 1 22638.6953125 0 22638.6953125 22638.6953125 0 0
stats: {load,"tsung_controller@vm"} 1 11.98828125 0 11.98828125 11.98828125 0 0
stats: {cpu,"tsung_controller@vm"} 1 71.80814985460175 0 71.80814985460175 71.80814985460175 0 0
stats: users_count 20 20
stats: finish_users_count 0 0
stats: request 294 3.327700680272112 8.021541056256611 61.416 0.212 0 0
stats: connect 20 15.1744 18.69575945341617 61.061 0.742 0 0
stats: page 294 3.327700680272112 8.021541056256611 61.416 0.212 0 0
stats: 405 294 294
stats: size_rcv 44982 44982
stats: size_sent 18816 18816
stats: connected 20 20
stats: error_abort 1 1
EndMonitor:{1795,503241,532390}
[os_mon] memory supervisor port (memsup): Erlang has closed
[os_mon] cpu supervisor port (cpu_sup): Erlang has closed
`;

/** Artillery 2.0.21, without percentiles: no error. */
export const artilleryOutput = `Test run id: teyen_qxawdrqpk95ntzq6kwdnm7a89xxz7_qqrd
Phase started: unnamed (index: 0, duration: 1s) 06:53:40(+0000)

Phase completed: unnamed (index: 0, duration: 1s) 06:53:41(+0000)

--------------------------------------
Metrics for period to: 06:53:50(+0000) (width: 1.907s)
--------------------------------------

http.codes.200: ................................................................ 372
http.downloaded_bytes: ......................................................... 49104
http.request_rate: ............................................................. 201/sec
http.requests: ................................................................. 372
http.response_time:
http.response_time.2xx:
http.responses: ................................................................ 372
vusers.completed: .............................................................. 20
vusers.created: ................................................................ 20
vusers.created_by_name.0: ...................................................... 20
vusers.failed: ................................................................. 0
vusers.session_length:


All VUs finished. Total time: 3 seconds

--------------------------------
Summary report @ 06:53:44(+0000)
--------------------------------

http.codes.200: ................................................................ 372
http.downloaded_bytes: ......................................................... 49104
http.request_rate: ............................................................. 201/sec
http.requests: ................................................................. 372
http.response_time:
http.response_time.2xx:
http.responses: ................................................................ 372
vusers.completed: .............................................................. 20
vusers.created: ................................................................ 20
vusers.created_by_name.0: ...................................................... 20
vusers.failed: ................................................................. 0
vusers.session_length:
`;

/** Artillery 2.0.21: every response is 405. */
export const artilleryOutputRefused = `Test run id: t9cq8_dy9wt9xb687grxg7rzah5cbjaxx8c_zaxk
Phase started: unnamed (index: 0, duration: 1s) 06:54:13(+0000)

Phase completed: unnamed (index: 0, duration: 1s) 06:54:15(+0000)

--------------------------------------
Metrics for period to: 06:54:20(+0000) (width: 1.89s)
--------------------------------------

http.codes.405: ................................................................ 190
http.downloaded_bytes: ......................................................... 0
http.request_rate: ............................................................. 107/sec
http.requests: ................................................................. 190
http.response_time:
http.response_time.4xx:
http.responses: ................................................................ 190
vusers.completed: .............................................................. 20
vusers.created: ................................................................ 20
vusers.created_by_name.0: ...................................................... 20
vusers.failed: ................................................................. 0
vusers.session_length:


All VUs finished. Total time: 3 seconds

--------------------------------
Summary report @ 06:54:16(+0000)
--------------------------------

http.codes.405: ................................................................ 190
http.downloaded_bytes: ......................................................... 0
http.request_rate: ............................................................. 107/sec
http.requests: ................................................................. 190
http.response_time:
http.response_time.4xx:
http.responses: ................................................................ 190
vusers.completed: .............................................................. 20
vusers.created: ................................................................ 20
vusers.created_by_name.0: ...................................................... 20
vusers.failed: ................................................................. 0
vusers.session_length:
`;
