import { expect, test } from 'vitest'

import { copyToWorkdays, faults, isNextDay, minutesOf, nextSpan, secondsOf } from './week'

const span = (weekday: number, starts: string, ends: string) => ({ weekday, starts, ends })

test('stretches that touch are fine, stretches that overlap are not', () => {
  expect(faults([span(0, '09:00', '12:00'), span(0, '12:00', '17:00')])).toEqual(new Map())
  expect(faults([span(0, '09:00', '13:00'), span(0, '12:00', '17:00')])).toEqual(
    new Map([[1, 'overlap']]),
  )
})

test('a night reaches into the next day, from Sunday into Monday too', () => {
  expect(isNextDay(span(0, '22:00', '06:00'))).toBe(true)
  expect(faults([span(0, '22:00', '06:00'), span(1, '05:00', '09:00')])).toEqual(
    new Map([[1, 'overlap']]),
  )
  expect(faults([span(0, '05:00', '09:00'), span(6, '22:00', '06:00')])).toEqual(
    new Map([[0, 'overlap']]),
  )
})

test('what is no time, and a stretch without length, are named', () => {
  expect(faults([span(0, '25:00', '12:00'), span(1, '09:00', '09:00')])).toEqual(
    new Map([
      [0, 'time'],
      [1, 'same'],
    ]),
  )
})

test('a day is copied to the working days that are still empty', () => {
  const spans = [span(0, '09:00', '12:00'), span(2, '10:00', '11:00')]
  expect(copyToWorkdays(spans, 0).map((one) => [one.weekday, one.starts])).toEqual([
    [0, '09:00'],
    [1, '09:00'],
    [2, '10:00'],
    [3, '09:00'],
    [4, '09:00'],
  ])
})

test('a new stretch begins where the day ended', () => {
  expect(nextSpan([], 3)).toEqual(span(3, '09:00', '17:00'))
  expect(nextSpan([span(3, '09:00', '12:00')], 3)).toEqual(span(3, '12:00', '23:00'))
})

test('minutes are typed, seconds are kept, nothing means never', () => {
  expect([secondsOf('15'), secondsOf('0'), secondsOf(' '), secondsOf('1,5')]).toEqual([
    900,
    0,
    null,
    90,
  ])
  expect([secondsOf('soon'), secondsOf('-1')]).toEqual([undefined, undefined])
  expect([minutesOf(900), minutesOf(45), minutesOf(null)]).toEqual(['15', '0.8', ''])
})
